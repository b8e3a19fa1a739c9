-- \H and \T: tables for a browser
\H
\T 'class="x"'
select 1 as one, '<a>' as two;
\T
\H
select 1 as one;
