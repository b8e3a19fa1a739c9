-- An error far to the right in a long line
select 1 as aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, 2 as bbbbbbbbbbbbbbbbbbbbbbbbbbbbb, 3 as ccccccccccccccccccc, nothing, 4 as ddddddddddddddddddddddddddd, 5 as eeeeeeeeeeeee;
