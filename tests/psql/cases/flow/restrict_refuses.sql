-- Commands in restricted mode
\restrict abc
\echo never
