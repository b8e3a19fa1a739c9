-- \h and \?
\h nothing_like_it
\copyright
