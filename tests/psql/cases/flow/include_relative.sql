-- \ir and its long name look beside the file
\include_relative files/one.sql
\ir files/two.sql
\include files/two.sql
