-- \! without leave to run programs
\! echo from the shell
\echo after
