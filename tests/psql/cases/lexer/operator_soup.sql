-- Operators of several characters
create operator <<->> (leftarg = int, rightarg = int, procedure = int4mi);
select 5 <<->> 3 as two, 5<<->>3 as two_again;
select '{"a": 1}'::jsonb #>> '{a}' as path, '{"a": 1}'::jsonb ? 'a' as has;
