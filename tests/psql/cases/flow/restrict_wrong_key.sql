-- The wrong key
\restrict abc
\unrestrict def
