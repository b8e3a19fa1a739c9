-- 019_apps.sql
-- Description: Apps installed on the appliance
-- Author: Platform Team
-- Date: 2025-10-20

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'app_status' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE app_status AS ENUM ('available', 'installing', 'running', 'stopped', 'error');
    END IF;
END $$;

COMMENT ON TYPE app_status IS 'State of an app';

CREATE TABLE IF NOT EXISTS apps (
    id              VARCHAR(64) PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]*$'),
    name            VARCHAR(100) NOT NULL,
    version         VARCHAR(32) NOT NULL CHECK (version ~ '^[0-9]+(\.[0-9]+){1,3}'),
    status          app_status NOT NULL DEFAULT 'available',
    is_system       BOOLEAN NOT NULL DEFAULT FALSE,
    depends_on      TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    ports           INT4RANGE,
    manifest        JSONB NOT NULL DEFAULT '{}'::jsonb,
    last_error      TEXT,
    installed_at    TIMESTAMPTZ,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT apps_not_on_itself CHECK (NOT id = ANY (depends_on)),
    CONSTRAINT apps_ports_apart EXCLUDE USING GIST (ports WITH &&)
);

CREATE INDEX IF NOT EXISTS idx_apps_status ON apps (status) WHERE status IN ('installing', 'error');
CREATE INDEX IF NOT EXISTS idx_apps_depends_on ON apps USING GIN (depends_on);
CREATE INDEX IF NOT EXISTS idx_apps_manifest ON apps USING GIN (manifest jsonb_path_ops);

DROP TRIGGER IF EXISTS trg_apps_updated_at ON apps;
CREATE TRIGGER trg_apps_updated_at
    BEFORE UPDATE ON apps
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE apps IS 'Installed apps';
COMMENT ON COLUMN apps.id IS 'Name in addresses and of the container';
COMMENT ON COLUMN apps.name IS 'Name as shown';
COMMENT ON COLUMN apps.version IS 'Version of the image';
COMMENT ON COLUMN apps.status IS 'State';
COMMENT ON COLUMN apps.is_system IS 'Part of the appliance: cannot be removed';
COMMENT ON COLUMN apps.depends_on IS 'Apps that must run before';
COMMENT ON COLUMN apps.ports IS 'Host ports it takes; no two apps take the same';
COMMENT ON COLUMN apps.manifest IS 'Description from the store';
COMMENT ON COLUMN apps.last_error IS 'Why it is in error';
COMMENT ON COLUMN apps.installed_at IS 'When it was installed';
COMMENT ON COLUMN apps.created_at IS 'When it was first seen in the store';
COMMENT ON COLUMN apps.updated_at IS 'Last change, set by a trigger';

INSERT INTO apps (id, name, version, status, is_system, depends_on, ports)
VALUES
    ('postgres-db', 'PostgreSQL', '15.8', 'running', TRUE, '{}', NULL),
    ('dashboard-backend', 'Dashboard API', '1.4.0', 'running', TRUE, '{postgres-db}', int4range(3001, 3002)),
    ('llm-service', 'Language models', '0.5.7', 'running', TRUE, '{}', int4range(11434, 11436)),
    ('minio', 'Object store', '2025.9.7', 'running', TRUE, '{}', int4range(9000, 9002)),
    ('n8n', 'Automation', '1.61.0', 'available', FALSE, '{postgres-db}', int4range(5678, 5679))
ON CONFLICT (id) DO NOTHING;

-- Told apart from a plain DELETE by its message: the store shows it to the user.
CREATE OR REPLACE FUNCTION protect_app()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
DECLARE
    dependents TEXT;
BEGIN
    IF OLD.is_system THEN
        RAISE EXCEPTION 'app % belongs to the system', OLD.id;
    END IF;
    SELECT string_agg(id, ', ' ORDER BY id) INTO dependents
    FROM apps
    WHERE depends_on @> ARRAY[OLD.id::TEXT] AND status <> 'available';
    IF dependents IS NOT NULL THEN
        RAISE EXCEPTION 'app % is needed by %', OLD.id, dependents;
    END IF;
    RETURN OLD;
END;
$$;

COMMENT ON FUNCTION protect_app() IS 'Trigger: keeps apps of the system and apps that others need';

DROP TRIGGER IF EXISTS trg_apps_protect ON apps;
CREATE TRIGGER trg_apps_protect
    BEFORE DELETE ON apps
    FOR EACH ROW EXECUTE FUNCTION protect_app();
