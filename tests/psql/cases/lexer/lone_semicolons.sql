-- A lone semicolon is sent
;
;; select 1;;
