-- \watch without a count never ends by itself, but for an error
select 1/(3 - count(*)) as left from generate_series(1, 3) \watch 0.01
