-- Nothing but comments sends nothing

/* nothing */
-- nothing
