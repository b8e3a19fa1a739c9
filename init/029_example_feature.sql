-- 029_example_feature.sql
-- Description: Add example feature tables
-- Author: Platform Team
-- Date: 2026-01-25

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'example_status' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE example_status AS ENUM ('draft', 'active', 'retired');
    END IF;
END $$;

COMMENT ON TYPE example_status IS 'Life of an example';

CREATE TABLE IF NOT EXISTS examples (
    id              SERIAL PRIMARY KEY,
    workspace_id    INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name            VARCHAR(255) NOT NULL,
    status          example_status NOT NULL DEFAULT 'draft',
    metadata        JSONB NOT NULL DEFAULT '{}'::jsonb,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_examples_workspace_id_name ON examples (workspace_id, name);
CREATE INDEX IF NOT EXISTS idx_examples_status ON examples (status) WHERE status <> 'retired';
CREATE INDEX IF NOT EXISTS idx_examples_metadata ON examples USING GIN (metadata);

DROP TRIGGER IF EXISTS trg_examples_updated_at ON examples;
CREATE TRIGGER trg_examples_updated_at
    BEFORE UPDATE ON examples
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE examples IS 'Example feature';
COMMENT ON COLUMN examples.id IS 'Key';
COMMENT ON COLUMN examples.workspace_id IS 'Where it belongs, and goes with';
COMMENT ON COLUMN examples.name IS 'Name as shown, unique in its workspace';
COMMENT ON COLUMN examples.status IS 'Where it is in its life';
COMMENT ON COLUMN examples.metadata IS 'Whatever else is known, by key';
COMMENT ON COLUMN examples.created_at IS 'When it was made';
COMMENT ON COLUMN examples.updated_at IS 'Last change, set by a trigger';

INSERT INTO examples (workspace_id, name, status)
SELECT id, 'First example', 'active'
FROM workspaces
WHERE is_default
  AND NOT EXISTS (SELECT 1 FROM examples WHERE name = 'First example');
