-- \conninfo
\conninfo
