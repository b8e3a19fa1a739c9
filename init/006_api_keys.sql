-- 006_api_keys.sql
-- Description: Keys for programs outside the appliance
-- Author: Platform Team
-- Date: 2025-09-04

CREATE TABLE IF NOT EXISTS api_keys (
    id              BIGSERIAL PRIMARY KEY,
    name            VARCHAR(100) NOT NULL,
    key_prefix      CHAR(8) NOT NULL UNIQUE,
    key_hash        BYTEA NOT NULL,
    key_hint        TEXT GENERATED ALWAYS AS (key_prefix || '…') STORED,
    scopes          TEXT[] NOT NULL DEFAULT ARRAY['read']::TEXT[],
    rate_per_minute INTEGER NOT NULL DEFAULT 60 CHECK (rate_per_minute > 0),
    created_by      BIGINT NOT NULL REFERENCES admin_users (id) ON DELETE RESTRICT,
    last_used_at    TIMESTAMPTZ,
    expires_at      TIMESTAMPTZ,
    revoked_at      TIMESTAMPTZ,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT api_keys_scopes_known
        CHECK (scopes <@ ARRAY['read', 'write', 'chat', 'documents', 'admin']::TEXT[] AND cardinality(scopes) > 0)
);

CREATE INDEX IF NOT EXISTS idx_api_keys_created_by ON api_keys (created_by);
CREATE INDEX IF NOT EXISTS idx_api_keys_scopes ON api_keys USING GIN (scopes);
CREATE INDEX IF NOT EXISTS idx_api_keys_expires_at ON api_keys (expires_at) WHERE revoked_at IS NULL;

DROP TRIGGER IF EXISTS trg_api_keys_updated_at ON api_keys;
CREATE TRIGGER trg_api_keys_updated_at
    BEFORE UPDATE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE api_keys IS 'External API keys';
COMMENT ON COLUMN api_keys.id IS 'Key';
COMMENT ON COLUMN api_keys.name IS 'What the key is for, in the owner''s words';
COMMENT ON COLUMN api_keys.key_prefix IS 'First eight characters, by which a key is found';
COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 of the whole key';
COMMENT ON COLUMN api_keys.key_hint IS 'What lists show of the key';
COMMENT ON COLUMN api_keys.scopes IS 'What the key opens';
COMMENT ON COLUMN api_keys.rate_per_minute IS 'Calls a minute before 429 is answered';
COMMENT ON COLUMN api_keys.created_by IS 'Who made it; an account with keys cannot be deleted';
COMMENT ON COLUMN api_keys.last_used_at IS 'Last call';
COMMENT ON COLUMN api_keys.expires_at IS 'End, or never';
COMMENT ON COLUMN api_keys.revoked_at IS 'When it was taken back';
COMMENT ON COLUMN api_keys.created_at IS 'When it was made';
COMMENT ON COLUMN api_keys.updated_at IS 'Last change, set by a trigger';

CREATE OR REPLACE FUNCTION verify_api_key(presented TEXT, wanted_scope TEXT)
RETURNS BIGINT
LANGUAGE plpgsql
AS $$
DECLARE
    found_id BIGINT;
BEGIN
    UPDATE api_keys
    SET last_used_at = NOW()
    WHERE key_prefix = left(presented, 8)
      AND key_hash = digest(presented, 'sha256')
      AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > NOW())
      AND scopes && ARRAY[wanted_scope, 'admin']
    RETURNING id INTO found_id;
    RETURN found_id;
END;
$$;

COMMENT ON FUNCTION verify_api_key(TEXT, TEXT) IS 'Id of the valid key that has the scope, else null; notes the use';
