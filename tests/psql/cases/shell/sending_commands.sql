-- Behind a failed statement no program of a command that sends is run
begin;
select 1/0;
select 1 as one \gset `touch ran; echo x`
select 2 \g `touch ran_too; echo written`
commit;
