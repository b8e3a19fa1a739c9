-- A byte order mark at the beginning is skipped
select 1 as one;
select '﻿' as in_a_string;
