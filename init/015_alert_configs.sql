-- 015_alert_configs.sql
-- Description: Thresholds at which the appliance raises an alert
-- Author: Platform Team
-- Date: 2025-10-06

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'alert_severity' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE alert_severity AS ENUM ('info', 'warning', 'critical');
    END IF;
END $$;

COMMENT ON TYPE alert_severity IS 'How loud an alert is';

CREATE TABLE IF NOT EXISTS alert_configs (
    metric              VARCHAR(50) PRIMARY KEY,
    display_name        VARCHAR(100) NOT NULL,
    unit                VARCHAR(20) NOT NULL DEFAULT 'percent'
                        CHECK (unit IN ('percent', 'celsius', 'milliseconds', 'count', 'gigabytes')),
    comparison          CHAR(2) NOT NULL DEFAULT '>=' CHECK (comparison IN ('>=', '<=')),
    warning_threshold   NUMERIC(10, 2) NOT NULL,
    critical_threshold  NUMERIC(10, 2) NOT NULL,
    window_seconds      INTEGER NOT NULL DEFAULT 60 CHECK (window_seconds BETWEEN 5 AND 86400),
    cooldown_seconds    INTEGER NOT NULL DEFAULT 900 CHECK (cooldown_seconds >= 0),
    is_enabled          BOOLEAN NOT NULL DEFAULT TRUE,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT alert_configs_thresholds_ordered CHECK (
        CASE comparison
            WHEN '>=' THEN critical_threshold >= warning_threshold
            ELSE critical_threshold <= warning_threshold
        END
    )
);

DROP TRIGGER IF EXISTS trg_alert_configs_updated_at ON alert_configs;
CREATE TRIGGER trg_alert_configs_updated_at
    BEFORE UPDATE ON alert_configs
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE alert_configs IS 'Alert thresholds';
COMMENT ON COLUMN alert_configs.metric IS 'What is measured, as the collector names it';
COMMENT ON COLUMN alert_configs.display_name IS 'Name as shown';
COMMENT ON COLUMN alert_configs.unit IS 'Unit of the thresholds';
COMMENT ON COLUMN alert_configs.comparison IS 'Which side of the threshold is bad';
COMMENT ON COLUMN alert_configs.warning_threshold IS 'From here on: warning';
COMMENT ON COLUMN alert_configs.critical_threshold IS 'From here on: critical';
COMMENT ON COLUMN alert_configs.window_seconds IS 'The average over this time is compared';
COMMENT ON COLUMN alert_configs.cooldown_seconds IS 'Silence after an alert';
COMMENT ON COLUMN alert_configs.is_enabled IS 'Whether it is watched at all';
COMMENT ON COLUMN alert_configs.created_at IS 'When it was made';
COMMENT ON COLUMN alert_configs.updated_at IS 'Last change, set by a trigger';

INSERT INTO alert_configs (metric, display_name, unit, comparison, warning_threshold, critical_threshold, window_seconds)
VALUES
    ('cpu_usage', 'CPU load', 'percent', '>=', 80, 95, 120),
    ('memory_usage', 'Memory', 'percent', '>=', 85, 95, 60),
    ('disk_usage', 'Disk', 'percent', '>=', 80, 92, 300),
    ('disk_free', 'Free disk space', 'gigabytes', '<=', 20, 5, 300),
    ('gpu_usage', 'GPU load', 'percent', '>=', 95, 99, 300),
    ('gpu_temperature', 'GPU temperature', 'celsius', '>=', 80, 88, 30),
    ('llm_queue_length', 'Jobs waiting', 'count', '>=', 25, 100, 60),
    ('api_latency_p95', 'API latency, 95th percentile', 'milliseconds', '>=', 800, 2500, 120)
ON CONFLICT (metric) DO NOTHING;

CREATE OR REPLACE FUNCTION judge_metric(judged_metric TEXT, measured NUMERIC)
RETURNS alert_severity
LANGUAGE sql
STABLE
AS $$
    SELECT CASE
        WHEN NOT is_enabled THEN 'info'
        WHEN comparison = '>=' AND measured >= critical_threshold THEN 'critical'
        WHEN comparison = '<=' AND measured <= critical_threshold THEN 'critical'
        WHEN comparison = '>=' AND measured >= warning_threshold THEN 'warning'
        WHEN comparison = '<=' AND measured <= warning_threshold THEN 'warning'
        ELSE 'info'
    END::alert_severity
    FROM alert_configs
    WHERE metric = judged_metric;
$$;

COMMENT ON FUNCTION judge_metric(TEXT, NUMERIC) IS 'Severity of a measured value; null for a metric that nobody watches';
