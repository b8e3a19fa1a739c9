-- An error in the middle of one message
\set ON_ERROR_STOP off
select 1 as a \; select 1/0 \; select 3 as c;
select 4 as d;
