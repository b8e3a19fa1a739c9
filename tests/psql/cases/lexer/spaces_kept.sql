-- Inner and trailing white space goes over the wire as written
   select    1   as   one   ;
	select	2;
select 3  

;
