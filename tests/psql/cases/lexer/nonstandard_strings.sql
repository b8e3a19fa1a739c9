-- standard_conforming_strings off: backslashes escape in plain strings
set escape_string_warning = off;
set standard_conforming_strings = off;
select 'it\'s; one' as one;
set standard_conforming_strings = on;
select 'two\' as two;
select E'\'' as three;
