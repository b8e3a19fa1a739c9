-- The environment, read and changed
\getenv outside CASE_ENVIRONMENT
\getenv nothing CASE_NO_SUCH_NAME
\echo :outside :{?nothing}
\setenv CASE_NEW value
\getenv new CASE_NEW
\echo :new
\setenv CASE_NEW
