-- An error in the middle of a statement of many lines
select
  1 as one,
	nothing,
  3 as three
from
  generate_series(1, 2);
