-- an included dump in the custom format is passed over where errors are
\set ON_ERROR_STOP off
\set ECHO all
select 1;
\i files/custom.dump
select 2;
