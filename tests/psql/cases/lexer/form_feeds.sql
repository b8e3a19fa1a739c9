-- Form feeds and vertical tabs are white space
select1asone;
select 2 as two;

select	3;
