-- 003_admin_users.sql
-- Description: User accounts of the appliance
-- Author: Platform Team
-- Date: 2025-09-01

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'admin_role' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE admin_role AS ENUM ('owner', 'admin', 'operator', 'viewer');
    END IF;
END $$;

COMMENT ON TYPE admin_role IS 'What an account may do, from everything to looking only';

CREATE TABLE IF NOT EXISTS admin_users (
    id              BIGSERIAL PRIMARY KEY,
    username        VARCHAR(64) NOT NULL UNIQUE,
    email           CITEXT UNIQUE,
    password_hash   TEXT NOT NULL,
    role            admin_role NOT NULL DEFAULT 'viewer',
    is_active       BOOLEAN NOT NULL DEFAULT TRUE,
    failed_logins   INTEGER NOT NULL DEFAULT 0 CHECK (failed_logins >= 0),
    locked_until    TIMESTAMPTZ,
    last_login_at   TIMESTAMPTZ,
    preferences     JSONB NOT NULL DEFAULT '{}'::jsonb,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT admin_users_username_form CHECK (username ~ '^[a-z][a-z0-9_.-]{1,63}$'),
    CONSTRAINT admin_users_email_form CHECK (email IS NULL OR email LIKE '%_@_%')
);

CREATE INDEX IF NOT EXISTS idx_admin_users_role ON admin_users (role) WHERE is_active;
CREATE INDEX IF NOT EXISTS idx_admin_users_preferences ON admin_users USING GIN (preferences);

DROP TRIGGER IF EXISTS trg_admin_users_updated_at ON admin_users;
CREATE TRIGGER trg_admin_users_updated_at
    BEFORE UPDATE ON admin_users
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE admin_users IS 'User accounts';
COMMENT ON COLUMN admin_users.id IS 'Key';
COMMENT ON COLUMN admin_users.username IS 'Name to log in with; lower case, starts with a letter';
COMMENT ON COLUMN admin_users.email IS 'Address for notifications; unique without regard to case';
COMMENT ON COLUMN admin_users.password_hash IS 'bcrypt hash; never a clear password';
COMMENT ON COLUMN admin_users.role IS 'What the account may do';
COMMENT ON COLUMN admin_users.is_active IS 'False for accounts that were closed';
COMMENT ON COLUMN admin_users.failed_logins IS 'Wrong passwords since the last good one';
COMMENT ON COLUMN admin_users.locked_until IS 'No log-in before this moment';
COMMENT ON COLUMN admin_users.last_login_at IS 'Last successful log-in';
COMMENT ON COLUMN admin_users.preferences IS 'Language, theme and the like, by key';
COMMENT ON COLUMN admin_users.created_at IS 'When the account was made';
COMMENT ON COLUMN admin_users.updated_at IS 'Last change, set by a trigger';

-- The first account cannot log in until the set-up assistant has given it a password.
INSERT INTO admin_users (username, password_hash, role)
SELECT 'admin', '!', 'owner'
WHERE NOT EXISTS (SELECT 1 FROM admin_users WHERE username = 'admin');
