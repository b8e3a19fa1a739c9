-- Partitions and rules
create table p (n int, d date) partition by range (d);
create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01');
create table p2 partition of p default;
insert into p select g, date '2024-06-01' + g * 100 from generate_series(1, 5) g;
select tableoid::regclass, count(*) from p group by 1 order by 1;
