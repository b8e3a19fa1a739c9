-- \conninfo tells where the session is
\conninfo
