-- 028_documents_title_index.sql
-- Description: Search in titles of documents, without stopping uploads
-- Author: Platform Team
-- Date: 2026-01-12

CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_title ON documents USING GIN (title gin_trgm_ops);
