-- 001_extensions.sql
-- Description: Extensions that the schema builds on
-- Author: Platform Team
-- Date: 2025-09-01

CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS citext;

COMMENT ON EXTENSION pgcrypto IS 'Hashes of session tokens and API keys';
COMMENT ON EXTENSION pg_trgm IS 'Search in titles with typing errors';
COMMENT ON EXTENSION citext IS 'E-mail addresses and slugs that ignore case';
