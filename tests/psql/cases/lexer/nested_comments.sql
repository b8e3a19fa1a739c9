-- Block comments nest, and line comments inside them mean nothing
select 1 /* one /* two ; */ ; -- */ + 1 as two;
/* leading */ select 3 /**/ as three;
/* unfinished ' quote */ select 4;
