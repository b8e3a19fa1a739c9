-- Variables in the arguments of meta-commands, quoted and not
\set a 'x y'
\set b "x :a"
\echo :a ":a" ':a' :'a' :"a" a:a :{?a} :{?b} :c
