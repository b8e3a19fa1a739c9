-- Arguments too many are told and ignored
\unset a b
\if true extra
\else extra
\endif extra
\r extra
\g_is_not_reached_by_this
