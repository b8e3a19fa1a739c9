-- The name of a missing file is shown without detours
\ir ./files//none/../../nothing.sql
select 2;
