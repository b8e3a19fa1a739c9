-- Quoted identifiers with doubled quotes, spaces and semicolons
create table "a ""b"" ;" ("c;" int, "d
e" text);
insert into "a ""b"" ;" values (1, 'x');
select "c;", "d
e" from "a ""b"" ;";
