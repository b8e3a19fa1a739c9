-- B, X, N and U& strings
select B'101' as b, X'1F' as x, N'n;' as n, U&'d\0061t\+000061' as u, U&'d!0061t' uescape '!' as e;
select U&"d\0061t" from (values (1)) v("dat");
select b'1'::bit, x'a;'::bit(4);
