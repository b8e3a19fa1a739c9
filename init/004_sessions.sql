-- 004_sessions.sql
-- Description: Active sessions of logged-in users
-- Author: Platform Team
-- Date: 2025-09-02

CREATE TABLE IF NOT EXISTS sessions (
    id              UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    admin_user_id   BIGINT NOT NULL REFERENCES admin_users (id) ON DELETE CASCADE,
    token_hash      BYTEA NOT NULL UNIQUE,
    ip_address      INET,
    user_agent      TEXT,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    last_seen_at    TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    expires_at      TIMESTAMPTZ NOT NULL DEFAULT NOW() + INTERVAL '12 hours',
    revoked_at      TIMESTAMPTZ,
    CONSTRAINT sessions_expire_after_start CHECK (expires_at > created_at)
);

CREATE INDEX IF NOT EXISTS idx_sessions_admin_user_id ON sessions (admin_user_id);
CREATE INDEX IF NOT EXISTS idx_sessions_expires_at ON sessions (expires_at) WHERE revoked_at IS NULL;

COMMENT ON TABLE sessions IS 'Active sessions';
COMMENT ON COLUMN sessions.id IS 'Key, also in the audit log';
COMMENT ON COLUMN sessions.admin_user_id IS 'Who is logged in; sessions go with the account';
COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the token that the browser holds';
COMMENT ON COLUMN sessions.ip_address IS 'Address at log-in';
COMMENT ON COLUMN sessions.user_agent IS 'Browser at log-in';
COMMENT ON COLUMN sessions.created_at IS 'Log-in';
COMMENT ON COLUMN sessions.last_seen_at IS 'Last request';
COMMENT ON COLUMN sessions.expires_at IS 'End without further requests';
COMMENT ON COLUMN sessions.revoked_at IS 'Log-out, or an administrator''s order';

CREATE OR REPLACE FUNCTION find_session(token TEXT)
RETURNS SETOF sessions
LANGUAGE sql
STABLE
AS $$
    SELECT *
    FROM sessions
    WHERE token_hash = digest(token, 'sha256')
      AND revoked_at IS NULL
      AND expires_at > NOW();
$$;

COMMENT ON FUNCTION find_session(TEXT) IS 'The living session that a token opens, if there is one';

CREATE OR REPLACE FUNCTION purge_expired_sessions(keep INTERVAL DEFAULT INTERVAL '30 days')
RETURNS INTEGER
LANGUAGE plpgsql
AS $$
DECLARE
    purged INTEGER;
BEGIN
    DELETE FROM sessions WHERE COALESCE(revoked_at, expires_at) < NOW() - keep;
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END;
$$;

COMMENT ON FUNCTION purge_expired_sessions(INTERVAL) IS 'Deletes sessions that ended longer ago than keep; returns how many';
