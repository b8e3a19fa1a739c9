-- :{?name} tells whether it is set
\set x
select :{?x} as x, :{?y} as y;
\unset x
select :{?x} as x;
