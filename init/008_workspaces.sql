-- 008_workspaces.sql
-- Description: Workspaces, the roof over conversations and knowledge
-- Author: Platform Team
-- Date: 2025-09-09

CREATE TABLE IF NOT EXISTS workspaces (
    id              SERIAL PRIMARY KEY,
    name            VARCHAR(100) NOT NULL,
    slug            CITEXT NOT NULL UNIQUE,
    description     TEXT NOT NULL DEFAULT '',
    owner_id        BIGINT REFERENCES admin_users (id) ON DELETE SET NULL,
    host_path       TEXT,
    is_default      BOOLEAN NOT NULL DEFAULT FALSE,
    settings        JSONB NOT NULL DEFAULT '{}'::jsonb,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT workspaces_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT workspaces_host_path_absolute CHECK (host_path IS NULL OR host_path LIKE '/%')
);

CREATE INDEX IF NOT EXISTS idx_workspaces_owner_id ON workspaces (owner_id);
CREATE UNIQUE INDEX IF NOT EXISTS idx_workspaces_is_default ON workspaces (is_default) WHERE is_default;
CREATE INDEX IF NOT EXISTS idx_workspaces_settings ON workspaces USING GIN (settings);

DROP TRIGGER IF EXISTS trg_workspaces_updated_at ON workspaces;
CREATE TRIGGER trg_workspaces_updated_at
    BEFORE UPDATE ON workspaces
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE workspaces IS 'Workspaces';
COMMENT ON COLUMN workspaces.id IS 'Key';
COMMENT ON COLUMN workspaces.name IS 'Name as shown';
COMMENT ON COLUMN workspaces.slug IS 'Name in addresses';
COMMENT ON COLUMN workspaces.description IS 'What it is for';
COMMENT ON COLUMN workspaces.owner_id IS 'Who answers for it; stays when the account goes';
COMMENT ON COLUMN workspaces.host_path IS 'Directory of the appliance that is mounted into it';
COMMENT ON COLUMN workspaces.is_default IS 'Where new conversations begin; one row at most';
COMMENT ON COLUMN workspaces.settings IS 'Settings by key';
COMMENT ON COLUMN workspaces.created_at IS 'When it was made';
COMMENT ON COLUMN workspaces.updated_at IS 'Last change, set by a trigger';
COMMENT ON INDEX idx_workspaces_is_default IS 'At most one default';

INSERT INTO workspaces (name, slug, description, is_default)
SELECT 'Default', 'default', 'Where everything goes that has no other place', TRUE
WHERE NOT EXISTS (SELECT 1 FROM workspaces WHERE is_default);
