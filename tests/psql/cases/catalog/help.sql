-- Help for what is not there: \h and \copyright
\h nothing_like_it
\copyright
