-- A statement over many lines, blank ones and indented ones among them

select

    1 as one

  ,

2 as two
;

