-- an included dump in the custom format is named as such, and ends the script
select 1;
\i files/custom.dump
select 2;
