-- \elif after \else
\if false
\else
select 1;
\elif true
select 2;
\endif
