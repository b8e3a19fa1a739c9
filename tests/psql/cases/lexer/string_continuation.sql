-- Strings go on in the next line, with a line end between the parts only
select 'a'
'b' as ab;
select 'c' -- comment
  'd' as cd;
select E'e\n'
   'f\t;' as ef;
