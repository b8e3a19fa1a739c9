-- A dollar inside an identifier opens no quote
create table a$b (c$1 int);
insert into a$b values (1); select c$1 from a$b;
select 1 as a$$b;
