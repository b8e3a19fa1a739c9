-- 017_notification_events.sql
-- Description: Notifications to users, by whichever channel
-- Author: Platform Team
-- Date: 2025-10-08

CREATE TABLE IF NOT EXISTS notification_events (
    id                      BIGSERIAL PRIMARY KEY,
    admin_user_id           BIGINT REFERENCES admin_users (id) ON DELETE CASCADE,
    self_healing_event_id   BIGINT REFERENCES self_healing_events (id) ON DELETE SET NULL,
    channel                 VARCHAR(20) NOT NULL CHECK (channel IN ('dashboard', 'email', 'telegram', 'webhook')),
    severity                alert_severity NOT NULL DEFAULT 'info',
    subject                 VARCHAR(200) NOT NULL,
    body                    TEXT NOT NULL DEFAULT '',
    dedupe_key              VARCHAR(200),
    attempts                SMALLINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error              TEXT,
    sent_at                 TIMESTAMPTZ,
    read_at                 TIMESTAMPTZ,
    created_at              TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_notification_events_admin_user_id
    ON notification_events (admin_user_id, created_at DESC) WHERE read_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_notification_events_self_healing_event_id ON notification_events (self_healing_event_id);
CREATE INDEX IF NOT EXISTS idx_notification_events_channel ON notification_events (channel, created_at) WHERE sent_at IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS idx_notification_events_channel_dedupe_key
    ON notification_events (channel, dedupe_key) WHERE sent_at IS NULL AND dedupe_key IS NOT NULL;

COMMENT ON TABLE notification_events IS 'Notifications';
COMMENT ON COLUMN notification_events.id IS 'Key, in the order of writing';
COMMENT ON COLUMN notification_events.admin_user_id IS 'For whom; everybody when empty';
COMMENT ON COLUMN notification_events.self_healing_event_id IS 'What it tells of';
COMMENT ON COLUMN notification_events.channel IS 'Way to the reader';
COMMENT ON COLUMN notification_events.severity IS 'How loud';
COMMENT ON COLUMN notification_events.subject IS 'First line';
COMMENT ON COLUMN notification_events.body IS 'The rest, in Markdown';
COMMENT ON COLUMN notification_events.dedupe_key IS 'One unsent notification at most for each key';
COMMENT ON COLUMN notification_events.attempts IS 'Times that sending was tried';
COMMENT ON COLUMN notification_events.last_error IS 'Why the last try failed';
COMMENT ON COLUMN notification_events.sent_at IS 'When it went out';
COMMENT ON COLUMN notification_events.read_at IS 'When the reader opened it';
COMMENT ON COLUMN notification_events.created_at IS 'When it was written';
COMMENT ON INDEX idx_notification_events_channel_dedupe_key IS 'The same thing is not told twice before it was sent once';

CREATE OR REPLACE FUNCTION notify_of_failed_healing()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO notification_events (self_healing_event_id, channel, severity, subject, dedupe_key)
    VALUES (
        NEW.id,
        'dashboard',
        NEW.severity,
        format('%s could not be recovered (%s)', NEW.service_name, NEW.action),
        format('healing:%s:%s', NEW.service_name, NEW.action)
    )
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION notify_of_failed_healing() IS 'Trigger: tells the dashboard when a recovery did not help';

DROP TRIGGER IF EXISTS trg_self_healing_events_notify ON self_healing_events;
CREATE TRIGGER trg_self_healing_events_notify
    AFTER UPDATE OF outcome ON self_healing_events
    FOR EACH ROW WHEN (NEW.outcome = 'failed' AND OLD.outcome IS DISTINCT FROM NEW.outcome)
    EXECUTE FUNCTION notify_of_failed_healing();
