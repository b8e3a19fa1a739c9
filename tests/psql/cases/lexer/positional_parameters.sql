-- Parameters of prepared statements
prepare p as select $1::int + $2::int as sum;
execute p(1, 2);
deallocate p;
