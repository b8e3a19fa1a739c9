-- Several results of one message are all shown
select 1 as a \; select 2 as b \; select 3 as c;
\set SHOW_ALL_RESULTS off
select 1 as a \; select 2 as b;
