-- Dollar quotes with and without tags, nested, holding every other quote
select $$it's; "so"$$ as plain, $a$ $$ ; $b$ $a$ as nested;
do $body$ begin raise notice 'tag $$ %', $$ ; $$; end $body$;
select $é$ü;$é$ as beyond_ascii;
