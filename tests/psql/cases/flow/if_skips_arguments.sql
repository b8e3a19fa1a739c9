-- in a branch that is not taken each command still reads its own arguments: a pipe and a whole line hide what follows
\if false
  \w |/no/such/file \else
  \w file \\ \echo not shown
  \o |/no/such/file \else
  select 1 \g |/no/such/file \else
  select 1 \gx |/no/such/file \else
  \! nothing \else
  \copy nothing from nothing \else
  \ef nothing \else
  \ev nothing \else
  \h nothing \else
  \help nothing \else
  \sf nothing \else
  \sv+ nothing \else
  \echo nothing \else
\echo shown
\endif
\if false
  \o file \else
\echo shown, too
\endif
\if false
  select 1 \g file \else
\echo and this
\endif
