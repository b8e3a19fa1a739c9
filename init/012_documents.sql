-- 012_documents.sql
-- Description: Uploaded documents and their way through the indexer
-- Author: Platform Team
-- Date: 2025-09-16

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'document_status' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE document_status AS ENUM ('uploaded', 'extracting', 'chunking', 'embedding', 'ready', 'failed');
    END IF;
END $$;

COMMENT ON TYPE document_status IS 'How far the indexer is';

CREATE TABLE IF NOT EXISTS documents (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    knowledge_space_id  INTEGER NOT NULL REFERENCES knowledge_spaces (id) ON DELETE CASCADE,
    uploaded_by         BIGINT REFERENCES admin_users (id) ON DELETE SET NULL,
    title               VARCHAR(300) NOT NULL,
    file_name           VARCHAR(255) NOT NULL,
    file_extension      TEXT GENERATED ALWAYS AS (lower(substring(file_name FROM '\.([^.]+)$'))) STORED,
    mime_type           VARCHAR(100) NOT NULL,
    size_bytes          BIGINT NOT NULL CHECK (size_bytes >= 0),
    sha256              BYTEA NOT NULL CHECK (octet_length(sha256) = 32),
    language            CHAR(2),
    status              document_status NOT NULL DEFAULT 'uploaded',
    error               TEXT,
    metadata            JSONB NOT NULL DEFAULT '{}'::jsonb,
    indexed_at          TIMESTAMPTZ,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT documents_failure_has_error CHECK (status <> 'failed' OR error IS NOT NULL)
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_documents_knowledge_space_id_sha256 ON documents (knowledge_space_id, sha256);
CREATE INDEX IF NOT EXISTS idx_documents_uploaded_by ON documents (uploaded_by);
CREATE INDEX IF NOT EXISTS idx_documents_status ON documents (status, created_at) WHERE status <> 'ready';
CREATE INDEX IF NOT EXISTS idx_documents_metadata ON documents USING GIN (metadata jsonb_path_ops);

DROP TRIGGER IF EXISTS trg_documents_updated_at ON documents;
CREATE TRIGGER trg_documents_updated_at
    BEFORE UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE documents IS 'Uploaded documents';
COMMENT ON COLUMN documents.id IS 'Key, also the name in the object store';
COMMENT ON COLUMN documents.knowledge_space_id IS 'Where it belongs, and goes with';
COMMENT ON COLUMN documents.uploaded_by IS 'Who uploaded it';
COMMENT ON COLUMN documents.title IS 'Title, from the document or its name';
COMMENT ON COLUMN documents.file_name IS 'Name as uploaded';
COMMENT ON COLUMN documents.file_extension IS 'What follows the last dot, in lower case';
COMMENT ON COLUMN documents.mime_type IS 'Type as detected, not as claimed';
COMMENT ON COLUMN documents.size_bytes IS 'Size of the file';
COMMENT ON COLUMN documents.sha256 IS 'Checksum; the same file is not taken twice into one space';
COMMENT ON COLUMN documents.language IS 'ISO 639-1 code, once known';
COMMENT ON COLUMN documents.status IS 'How far the indexer is';
COMMENT ON COLUMN documents.error IS 'Why it failed';
COMMENT ON COLUMN documents.metadata IS 'Author, pages and the like, as found in the file';
COMMENT ON COLUMN documents.indexed_at IS 'When it became ready';
COMMENT ON COLUMN documents.created_at IS 'Upload';
COMMENT ON COLUMN documents.updated_at IS 'Last change, set by a trigger';

CREATE OR REPLACE FUNCTION count_documents()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        UPDATE knowledge_spaces SET document_count = document_count - 1 WHERE id = OLD.knowledge_space_id;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        UPDATE knowledge_spaces SET document_count = document_count + 1 WHERE id = NEW.knowledge_space_id;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_documents() IS 'Trigger: keeps document_count of the spaces';

DROP TRIGGER IF EXISTS trg_documents_count ON documents;
CREATE TRIGGER trg_documents_count
    AFTER INSERT OR DELETE OR UPDATE OF knowledge_space_id ON documents
    FOR EACH ROW EXECUTE FUNCTION count_documents();
