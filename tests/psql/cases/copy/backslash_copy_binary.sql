-- \copy of binary data, there and back
create table t (n int, s bytea);
insert into t select n, decode(md5(n::text), 'hex') from generate_series(1, 2000) n;
\copy t to out.bin binary
create table u (like t);
\copy u from out.bin with (format binary)
select count(*) from u join t using (n, s);
