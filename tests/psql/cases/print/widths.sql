-- Wide, combining and control characters in the columns
select '漢字' as wide, 'e' || U&'\0301' as combined, '😀' as smile, E'a\tb' as tab, E'\x01' as control;
select 'ä' as umlaut, 1 as 漢字;
\pset border 2
\pset linestyle unicode
select '漢字' as wide, 'ab' as ab;
