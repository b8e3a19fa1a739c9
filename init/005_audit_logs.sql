-- 005_audit_logs.sql
-- Description: Audit trail of API calls
-- Author: Platform Team
-- Date: 2025-09-03

CREATE TABLE IF NOT EXISTS audit_logs (
    id              BIGSERIAL PRIMARY KEY,
    admin_user_id   BIGINT REFERENCES admin_users (id) ON DELETE SET NULL,
    session_id      UUID REFERENCES sessions (id) ON DELETE SET NULL,
    action          VARCHAR(100) NOT NULL,
    method          VARCHAR(7) NOT NULL CHECK (method IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD')),
    path            TEXT NOT NULL,
    response_code   SMALLINT CHECK (response_code BETWEEN 100 AND 599),
    duration_ms     INTEGER CHECK (duration_ms >= 0),
    ip_address      INET,
    details         JSONB NOT NULL DEFAULT '{}'::jsonb,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_audit_logs_admin_user_id ON audit_logs (admin_user_id, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_audit_logs_session_id ON audit_logs (session_id);
CREATE INDEX IF NOT EXISTS idx_audit_logs_created_at ON audit_logs USING BRIN (created_at);
CREATE INDEX IF NOT EXISTS idx_audit_logs_response_code ON audit_logs (response_code, created_at) WHERE response_code >= 400;
CREATE INDEX IF NOT EXISTS idx_audit_logs_details ON audit_logs USING GIN (details jsonb_path_ops);

COMMENT ON TABLE audit_logs IS 'API audit trail; rows are added and never changed';
COMMENT ON COLUMN audit_logs.id IS 'Key, in the order of writing';
COMMENT ON COLUMN audit_logs.admin_user_id IS 'Who called; empty for anonymous calls and deleted accounts';
COMMENT ON COLUMN audit_logs.session_id IS 'In which session';
COMMENT ON COLUMN audit_logs.action IS 'What was asked, such as user.create';
COMMENT ON COLUMN audit_logs.method IS 'HTTP method';
COMMENT ON COLUMN audit_logs.path IS 'Path without the query';
COMMENT ON COLUMN audit_logs.response_code IS 'HTTP status of the answer';
COMMENT ON COLUMN audit_logs.duration_ms IS 'Time to the answer, in milliseconds';
COMMENT ON COLUMN audit_logs.ip_address IS 'Caller''s address';
COMMENT ON COLUMN audit_logs.details IS 'Parameters, with secrets left out';
COMMENT ON COLUMN audit_logs.created_at IS 'When the call came in';

CREATE OR REPLACE FUNCTION refuse_change()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Add a new row that corrects the old one.';
END;
$$;

COMMENT ON FUNCTION refuse_change() IS 'Trigger: keeps a table append-only';

-- Columns are listed: ON DELETE SET NULL must still reach the two foreign keys.
DROP TRIGGER IF EXISTS trg_audit_logs_append_only ON audit_logs;
CREATE TRIGGER trg_audit_logs_append_only
    BEFORE UPDATE OF action, method, path, response_code, details, created_at ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
