-- 016_self_healing_events.sql
-- Description: What the appliance did to recover by itself
-- Author: Platform Team
-- Date: 2025-10-06

CREATE TABLE IF NOT EXISTS self_healing_events (
    id              BIGSERIAL PRIMARY KEY,
    metric          VARCHAR(50) REFERENCES alert_configs (metric) ON UPDATE CASCADE ON DELETE SET NULL,
    service_name    VARCHAR(100) NOT NULL,
    severity        alert_severity NOT NULL,
    action          VARCHAR(30) NOT NULL
                    CHECK (action IN ('none', 'restart', 'clear_cache', 'free_disk', 'unload_model', 'reboot')),
    outcome         VARCHAR(20) NOT NULL DEFAULT 'pending'
                    CHECK (outcome IN ('pending', 'recovered', 'failed', 'skipped')),
    measured        NUMERIC(12, 3),
    details         JSONB NOT NULL DEFAULT '{}'::jsonb,
    began_at        TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    ended_at        TIMESTAMPTZ,
    CONSTRAINT self_healing_events_order CHECK (ended_at IS NULL OR ended_at >= began_at)
);

CREATE INDEX IF NOT EXISTS idx_self_healing_events_metric ON self_healing_events (metric);
CREATE INDEX IF NOT EXISTS idx_self_healing_events_service_name_began_at
    ON self_healing_events (service_name, began_at DESC);
CREATE INDEX IF NOT EXISTS idx_self_healing_events_outcome ON self_healing_events (outcome) WHERE outcome IN ('pending', 'failed');
CREATE INDEX IF NOT EXISTS idx_self_healing_events_details ON self_healing_events USING GIN (details);

COMMENT ON TABLE self_healing_events IS 'Recovery events';
COMMENT ON COLUMN self_healing_events.id IS 'Key, in the order of happening';
COMMENT ON COLUMN self_healing_events.metric IS 'What was measured, where a threshold was the cause';
COMMENT ON COLUMN self_healing_events.service_name IS 'Compose service that was ill';
COMMENT ON COLUMN self_healing_events.severity IS 'How bad it was';
COMMENT ON COLUMN self_healing_events.action IS 'What was done';
COMMENT ON COLUMN self_healing_events.outcome IS 'Whether it helped';
COMMENT ON COLUMN self_healing_events.measured IS 'Value at the beginning';
COMMENT ON COLUMN self_healing_events.details IS 'Exit codes, log lines, freed bytes';
COMMENT ON COLUMN self_healing_events.began_at IS 'Begin';
COMMENT ON COLUMN self_healing_events.ended_at IS 'End; empty while it goes on';

CREATE OR REPLACE FUNCTION may_restart(service TEXT, at_most INTEGER DEFAULT 3, within INTERVAL DEFAULT INTERVAL '1 hour')
RETURNS BOOLEAN
LANGUAGE sql
STABLE
AS $$
    SELECT count(*) < at_most
    FROM self_healing_events
    WHERE service_name = service
      AND action = 'restart'
      AND began_at > NOW() - within;
$$;

COMMENT ON FUNCTION may_restart(TEXT, INTEGER, INTERVAL) IS 'False when a service was restarted too often: then a person is called';
