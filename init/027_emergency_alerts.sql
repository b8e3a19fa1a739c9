-- 027_emergency_alerts.sql
-- Description: A severity above critical, and who must confirm an alert
-- Author: Platform Team
-- Date: 2025-12-15

-- Used by nothing in this file: a new value must be committed first.
ALTER TYPE alert_severity ADD VALUE IF NOT EXISTS 'emergency' AFTER 'critical';

ALTER TABLE self_healing_events ADD COLUMN IF NOT EXISTS needs_confirmation BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE self_healing_events ADD COLUMN IF NOT EXISTS confirmed_at TIMESTAMPTZ;

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = 'self_healing_events' AND column_name = 'confirmed_by'
    ) THEN
        ALTER TABLE self_healing_events
            ADD COLUMN confirmed_by BIGINT REFERENCES admin_users (id) ON DELETE SET NULL;
    END IF;

    IF NOT EXISTS (
        SELECT 1 FROM pg_constraint
        WHERE conname = 'self_healing_events_confirmation' AND conrelid = 'self_healing_events'::regclass
    ) THEN
        ALTER TABLE self_healing_events
            ADD CONSTRAINT self_healing_events_confirmation CHECK (confirmed_by IS NULL OR confirmed_at IS NOT NULL);
    END IF;
END $$;

CREATE INDEX IF NOT EXISTS idx_self_healing_events_confirmed_by ON self_healing_events (confirmed_by);

COMMENT ON COLUMN self_healing_events.needs_confirmation IS 'A person must say that it was seen';
COMMENT ON COLUMN self_healing_events.confirmed_at IS 'When it was confirmed';
COMMENT ON COLUMN self_healing_events.confirmed_by IS 'By whom';
