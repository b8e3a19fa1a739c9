-- Subscriptions of this database; where they connect to, a superuser alone may see.
SELECT 'subscription', quote_ident(s.subname), NULL, s.subname, 0, @address(pg_subscription, s.oid, 0),
       jsonb_build_object(
           'disabled', NOT s.subenabled,
           'connection', regexp_replace(s.subconninfo, 'password\s*=\s*(''(?:[^''\\]|\\.)*''|\S+)', 'password=…', 'gi'), -- superuser
           'password', left(md5(substring(s.subconninfo, 'password\s*=.*')), 6), -- superuser
           'slot', s.subslotname,
           'synchronous commit', s.subsynccommit,
           'publications', to_jsonb(s.subpublications),
           'binary', s.subbinary, -- from 14
           'streaming', nullif(nullif(s.substream::text, 'f'), 'false'), -- from 14
           'two phase', s.subtwophasestate <> 'd', -- from 15
           'disabled on error', s.subdisableonerr, -- from 15
           'origin', nullif(s.suborigin, 'any'), -- from 16
           'no password required', NOT s.subpasswordrequired, -- from 16
           'runs as owner', s.subrunasowner, -- from 16
           'failover', s.subfailover, -- from 17
           'owner', pg_get_userbyid(s.subowner))
       || @remarks(pg_subscription, s.oid, 0),
       '{}'::jsonb
FROM pg_subscription AS s
WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
