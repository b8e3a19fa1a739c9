-- Branches in branches
\if true
  \if false
    \echo no
  \else
    \echo inner else
    \if yes
      \echo deepest
    \endif
  \endif
\else
  \if true
    \echo never
  \endif
\endif
