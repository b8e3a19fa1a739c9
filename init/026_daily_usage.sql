-- 026_daily_usage.sql
-- Description: Usage by day and model, for the reports
-- Author: Platform Team
-- Date: 2025-12-01

CREATE MATERIALIZED VIEW IF NOT EXISTS daily_usage AS
SELECT (m.created_at AT TIME ZONE 'UTC')::date AS day,
       c.llm_model,
       count(*) AS answers,
       count(DISTINCT c.id) AS conversations,
       sum(m.prompt_tokens)::bigint AS prompt_tokens,
       sum(m.completion_tokens)::bigint AS completion_tokens,
       round(sum(m.total_tokens) * max(l.price_per_million) / 1000000, 4) AS price
FROM messages m
JOIN conversations c ON c.id = m.conversation_id
JOIN llm_models l ON l.name = c.llm_model
WHERE m.role = 'assistant'
GROUP BY 1, 2
WITH NO DATA;

-- Unique, so that the view can be refreshed while it is read.
CREATE UNIQUE INDEX IF NOT EXISTS idx_daily_usage_day_llm_model ON daily_usage (day, llm_model);

COMMENT ON MATERIALIZED VIEW daily_usage IS 'Answers and tokens by UTC day and model';
COMMENT ON COLUMN daily_usage.price IS 'Internal price, in EUR';

CREATE OR REPLACE FUNCTION refresh_daily_usage()
RETURNS VOID
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    -- The first refresh cannot be concurrent.
    IF (SELECT relispopulated FROM pg_class WHERE oid = 'public.daily_usage'::regclass) THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY daily_usage;
    ELSE
        REFRESH MATERIALIZED VIEW daily_usage;
    END IF;
END;
$$;

COMMENT ON FUNCTION refresh_daily_usage() IS 'Brings daily_usage up to date; called by the nightly job';

REVOKE EXECUTE ON FUNCTION refresh_daily_usage() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_daily_usage() TO arasul_reporting;
GRANT SELECT ON daily_usage TO arasul_backend, arasul_readonly;

SELECT refresh_daily_usage();
