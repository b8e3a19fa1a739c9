-- Text search, and statistics over several columns.
SELECT 'text search parser', n.oid::regnamespace || '.' || quote_ident(p.prsname), NULL, p.prsname, 0, @address(pg_ts_parser, p.oid, 0),
       jsonb_build_object(
           'definition', 'CREATE TEXT SEARCH PARSER ' || n.oid::regnamespace || '.' || quote_ident(p.prsname) || ' (' || concat_ws(', ',
               'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend,
               'HEADLINE = ' || nullif(p.prsheadline::oid, 0)::regproc, 'LEXTYPES = ' || p.prslextype) || ')')
       || @remarks(pg_ts_parser, p.oid, 0),
       '{}'::jsonb
FROM pg_ts_parser AS p
JOIN pg_namespace AS n ON n.oid = p.prsnamespace
WHERE @user(n) AND @ours(pg_ts_parser, p.oid)
UNION ALL
SELECT 'text search template', n.oid::regnamespace || '.' || quote_ident(t.tmplname), NULL, t.tmplname, 0, @address(pg_ts_template, t.oid, 0),
       jsonb_build_object(
           'definition', 'CREATE TEXT SEARCH TEMPLATE ' || n.oid::regnamespace || '.' || quote_ident(t.tmplname) || ' (' || concat_ws(', ',
               'INIT = ' || nullif(t.tmplinit::oid, 0)::regproc, 'LEXIZE = ' || t.tmpllexize) || ')')
       || @remarks(pg_ts_template, t.oid, 0),
       '{}'::jsonb
FROM pg_ts_template AS t
JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
WHERE @user(n) AND @ours(pg_ts_template, t.oid)
UNION ALL
SELECT 'text search dictionary', d.oid::regdictionary::text, NULL, d.dictname, 0, @address(pg_ts_dict, d.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(d.dictowner),
           'definition', 'CREATE TEXT SEARCH DICTIONARY ' || d.oid::regdictionary || ' (' || concat_ws(', ',
               'TEMPLATE = ' || (SELECT t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname)
                                 FROM pg_ts_template AS t WHERE t.oid = d.dicttemplate),
               d.dictinitoption) || ')')
       || @remarks(pg_ts_dict, d.oid, 0),
       '{}'::jsonb
FROM pg_ts_dict AS d
JOIN pg_namespace AS n ON n.oid = d.dictnamespace
WHERE @user(n) AND @ours(pg_ts_dict, d.oid)
UNION ALL
SELECT 'text search configuration', c.oid::regconfig::text, NULL, c.cfgname, 0, @address(pg_ts_config, c.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(c.cfgowner),
           'definition', 'CREATE TEXT SEARCH CONFIGURATION ' || c.oid::regconfig || ' (PARSER = '
               || (SELECT p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname)
                   FROM pg_ts_parser AS p WHERE p.oid = c.cfgparser) || ')',
           'mappings', (SELECT jsonb_agg(x ORDER BY x) FROM (
               SELECT t.alias || ' with ' || string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
               FROM pg_ts_config_map AS m
               JOIN ts_token_type(c.cfgparser) AS t ON t.tokid = m.maptokentype
               WHERE m.mapcfg = c.oid GROUP BY t.alias) AS y (x)))
       || @remarks(pg_ts_config, c.oid, 0),
       '{}'::jsonb
FROM pg_ts_config AS c
JOIN pg_namespace AS n ON n.oid = c.cfgnamespace
WHERE @user(n) AND @ours(pg_ts_config, c.oid)
UNION ALL
SELECT 'statistics', n.oid::regnamespace || '.' || quote_ident(s.stxname), s.stxrelid::regclass::text, s.stxname, 0,
       @address(pg_statistic_ext, s.oid, 0),
       jsonb_build_object(
           'owner', pg_get_userbyid(s.stxowner),
           'definition', pg_get_statisticsobjdef(s.oid),
           'statistics', nullif(s.stxstattarget, -1))
       || @remarks(pg_statistic_ext, s.oid, 0),
       '{}'::jsonb
FROM pg_statistic_ext AS s
JOIN pg_namespace AS n ON n.oid = s.stxnamespace
WHERE @user(n) AND @ours(pg_statistic_ext, s.oid)
