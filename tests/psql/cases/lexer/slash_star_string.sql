-- Comment signs in strings and identifiers
select '/*' as "--", '*/' as "/*", '--' as c;
