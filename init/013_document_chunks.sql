-- 013_document_chunks.sql
-- Description: Text chunks of documents, with search in them
-- Author: Platform Team
-- Date: 2025-09-16

CREATE TABLE IF NOT EXISTS document_chunks (
    id              BIGSERIAL PRIMARY KEY,
    document_id     UUID NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    chunk_index     INTEGER NOT NULL CHECK (chunk_index >= 0),
    page            INTEGER CHECK (page > 0),
    heading         TEXT,
    content         TEXT NOT NULL CHECK (content <> ''),
    content_length  INTEGER GENERATED ALWAYS AS (char_length(content)) STORED,
    content_search  TSVECTOR GENERATED ALWAYS AS (
                        setweight(to_tsvector('simple'::regconfig, COALESCE(heading, '')), 'A')
                        || setweight(to_tsvector('simple'::regconfig, content), 'B')
                    ) STORED,
    vector_id       UUID UNIQUE,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_document_chunks_document_id_chunk_index
    ON document_chunks (document_id, chunk_index);
CREATE INDEX IF NOT EXISTS idx_document_chunks_content_search ON document_chunks USING GIN (content_search);

COMMENT ON TABLE document_chunks IS 'Document text chunks';
COMMENT ON COLUMN document_chunks.id IS 'Key';
COMMENT ON COLUMN document_chunks.document_id IS 'Where it was cut from, and goes with';
COMMENT ON COLUMN document_chunks.chunk_index IS 'Position in the document, from 0';
COMMENT ON COLUMN document_chunks.page IS 'Page it begins on, from 1';
COMMENT ON COLUMN document_chunks.heading IS 'Heading above it; weighs more in search';
COMMENT ON COLUMN document_chunks.content IS 'Text';
COMMENT ON COLUMN document_chunks.content_length IS 'Characters of the text';
COMMENT ON COLUMN document_chunks.content_search IS 'Words of heading and text, for search';
COMMENT ON COLUMN document_chunks.vector_id IS 'Point in the vector store, once embedded';
COMMENT ON COLUMN document_chunks.created_at IS 'When it was cut';

CREATE OR REPLACE FUNCTION search_chunks(space_id INTEGER, words TEXT, at_most INTEGER DEFAULT 10)
RETURNS TABLE (chunk_id BIGINT, document_id UUID, title VARCHAR, excerpt TEXT, score REAL)
LANGUAGE sql
STABLE
AS $$
    SELECT c.id,
           d.id,
           d.title,
           ts_headline('simple', c.content, q.query, 'MaxWords=30, MinWords=10'),
           ts_rank_cd(c.content_search, q.query)
    FROM websearch_to_tsquery('simple', words) AS q (query)
    JOIN document_chunks c ON c.content_search @@ q.query
    JOIN documents d ON d.id = c.document_id
    WHERE d.knowledge_space_id = space_id
      AND d.status = 'ready'
    ORDER BY 5 DESC, c.id
    LIMIT at_most;
$$;

COMMENT ON FUNCTION search_chunks(INTEGER, TEXT, INTEGER) IS 'Best chunks of a space for the words, best first';
