-- COPY TO STDOUT goes to the output
create table t (n int, s text);
insert into t values (1, E'tab\there'), (2, null);
copy t to stdout;
copy (select 'x' as a, 2 as b) to stdout (format csv, header);
select 'after' as word;
