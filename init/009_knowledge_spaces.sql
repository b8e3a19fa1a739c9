-- 009_knowledge_spaces.sql
-- Description: Spaces of documents for retrieval-augmented answers
-- Author: Platform Team
-- Date: 2025-09-10

CREATE TABLE IF NOT EXISTS knowledge_spaces (
    id                  SERIAL PRIMARY KEY,
    workspace_id        INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name                VARCHAR(100) NOT NULL,
    slug                TEXT GENERATED ALWAYS AS (slugify(name)) STORED,
    description         TEXT NOT NULL DEFAULT '',
    embedding_model     VARCHAR(100) NOT NULL DEFAULT 'nomic-embed-text'
                        REFERENCES llm_models (name) ON UPDATE CASCADE ON DELETE RESTRICT,
    chunk_size          INTEGER NOT NULL DEFAULT 800 CHECK (chunk_size BETWEEN 100 AND 8000),
    chunk_overlap       INTEGER NOT NULL DEFAULT 100,
    document_count      INTEGER NOT NULL DEFAULT 0 CHECK (document_count >= 0),
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT knowledge_spaces_overlap_fits CHECK (chunk_overlap >= 0 AND chunk_overlap < chunk_size)
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_knowledge_spaces_workspace_id_slug ON knowledge_spaces (workspace_id, slug);
CREATE INDEX IF NOT EXISTS idx_knowledge_spaces_embedding_model ON knowledge_spaces (embedding_model);

DROP TRIGGER IF EXISTS trg_knowledge_spaces_updated_at ON knowledge_spaces;
CREATE TRIGGER trg_knowledge_spaces_updated_at
    BEFORE UPDATE ON knowledge_spaces
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE knowledge_spaces IS 'RAG spaces';
COMMENT ON COLUMN knowledge_spaces.id IS 'Key';
COMMENT ON COLUMN knowledge_spaces.workspace_id IS 'Where it belongs, and goes with';
COMMENT ON COLUMN knowledge_spaces.name IS 'Name as shown';
COMMENT ON COLUMN knowledge_spaces.slug IS 'Name in addresses, made from the name';
COMMENT ON COLUMN knowledge_spaces.description IS 'Told to the model, so that it knows when to search here';
COMMENT ON COLUMN knowledge_spaces.embedding_model IS 'Model of all vectors in this space; cannot be removed while in use';
COMMENT ON COLUMN knowledge_spaces.chunk_size IS 'Characters of a chunk';
COMMENT ON COLUMN knowledge_spaces.chunk_overlap IS 'Characters that neighbours share';
COMMENT ON COLUMN knowledge_spaces.document_count IS 'Documents in it, kept by a trigger';
COMMENT ON COLUMN knowledge_spaces.created_at IS 'When it was made';
COMMENT ON COLUMN knowledge_spaces.updated_at IS 'Last change, set by a trigger';

INSERT INTO knowledge_spaces (workspace_id, name, description)
SELECT id, 'General', 'Documents without a space of their own'
FROM workspaces
WHERE is_default
  AND NOT EXISTS (SELECT 1 FROM knowledge_spaces WHERE knowledge_spaces.workspace_id = workspaces.id);
