-- Two strings on one line are a syntax error
select 'a' 'b';
select 'never';
