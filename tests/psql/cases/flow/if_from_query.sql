-- A branch on a query's result
select count(*) > 0 as any, version() ~ '^Oracle' as oracle from pg_class \gset
\if :any
\echo any
\endif
\if :oracle
\echo oracle
\endif
