-- Semicolons in strings, identifiers and comments end nothing
select 'a;b' as "c;d"; -- e;f
select /* g;h */ 1 as one; select E'it\'s; so' as escaped;
