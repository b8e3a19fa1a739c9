-- 022_roles_and_grants.sql
-- Description: Roles of the services, and what each may touch
-- Author: Platform Team
-- Date: 2025-11-10

DO $$
DECLARE
    wanted TEXT;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['arasul_backend', 'arasul_readonly'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
    FOREACH wanted IN ARRAY ARRAY['arasul_dashboard', 'arasul_reporting'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 50', wanted);
        END IF;
    END LOOP;
END $$;

COMMENT ON ROLE arasul_backend IS 'Reads and writes the application''s tables';
COMMENT ON ROLE arasul_readonly IS 'Reads what is not secret';
COMMENT ON ROLE arasul_dashboard IS 'Log-in of the dashboard API';
COMMENT ON ROLE arasul_reporting IS 'Log-in of reports and metrics';

GRANT arasul_backend TO arasul_dashboard;
GRANT arasul_readonly TO arasul_reporting;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO arasul_backend, arasul_readonly;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO arasul_backend;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO arasul_backend;
REVOKE UPDATE, DELETE ON audit_logs FROM arasul_backend;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO arasul_readonly;
REVOKE SELECT ON admin_users, sessions, api_keys, telegram_config FROM arasul_readonly;
GRANT SELECT (id, username, role, is_active, last_login_at, created_at) ON admin_users TO arasul_readonly;

REVOKE EXECUTE ON FUNCTION verify_api_key(TEXT, TEXT), find_session(TEXT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION verify_api_key(TEXT, TEXT), find_session(TEXT) TO arasul_backend;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO arasul_backend;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO arasul_backend;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO arasul_readonly;

ALTER ROLE arasul_reporting SET statement_timeout = '30s';
ALTER ROLE arasul_reporting SET default_transaction_read_only = 'on';
