-- 002_shared_functions.sql
-- Description: Trigger functions that every table may use
-- Author: Platform Team
-- Date: 2025-09-01

CREATE OR REPLACE FUNCTION set_updated_at()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := NOW();
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION set_updated_at() IS 'Trigger: stamps updated_at of a changed row';

CREATE OR REPLACE FUNCTION slugify(title TEXT)
RETURNS TEXT
LANGUAGE sql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
    SELECT trim(BOTH '-' FROM regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'));
$$;

COMMENT ON FUNCTION slugify(TEXT) IS 'A title as a part of an address: lower case, digits and single hyphens';
