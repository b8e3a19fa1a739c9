-- \errverbose shows the last error in full
\errverbose
\set ON_ERROR_STOP off
select 1/0;
\errverbose
