-- Backslashes in E strings
select E'a\\' as a, E'\'' as q, E'\\\';' as s, E'\x41\101\u0041' as three;
select e'tab\tnewline\n;' as lower;
