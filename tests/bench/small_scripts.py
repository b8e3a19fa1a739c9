"""Small scripts as teams write them: a table with its index, a function, a guarded column with a view."""

TABLE = """-- {name}
-- Description: Table number {number}
-- Author: bench
-- Date: 2026-01-25

CREATE TABLE IF NOT EXISTS bench_{number} (
    id          BIGSERIAL PRIMARY KEY,
    name        VARCHAR(100) NOT NULL,
    settings    JSONB NOT NULL DEFAULT '{{}}'::jsonb,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT NOW()
);
CREATE INDEX IF NOT EXISTS idx_bench_{number}_name ON bench_{number} (name);
COMMENT ON TABLE bench_{number} IS 'Table number {number}';
INSERT INTO bench_{number} (name)
SELECT 'first' WHERE NOT EXISTS (SELECT 1 FROM bench_{number});
"""

FUNCTION = """-- {name}
-- Description: Function on the table before
-- Author: bench
-- Date: 2026-01-25

CREATE OR REPLACE FUNCTION count_bench_{before}()
RETURNS BIGINT
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN (SELECT count(*) FROM bench_{before});
END;
$$;
COMMENT ON FUNCTION count_bench_{before}() IS 'Rows of table {before}';
INSERT INTO bench_{before} (name, settings) VALUES ('second', '{{"n": {number}}}');
UPDATE bench_{before} SET settings = settings || '{{"seen": true}}' WHERE name = 'first';
"""

COLUMN = """-- {name}
-- Description: Column and view on the table before
-- Author: bench
-- Date: 2026-01-25

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_name = 'bench_{before}' AND column_name = 'nickname'
    ) THEN
        ALTER TABLE bench_{before} ADD COLUMN nickname VARCHAR(255);
    END IF;
END $$;
CREATE OR REPLACE VIEW bench_{before}_names AS
SELECT id, COALESCE(nickname, name) AS name FROM bench_{before};
COMMENT ON VIEW bench_{before}_names IS 'Names of table {before}';
"""


def write(directory, count):
    """Writes `count` scripts into a directory and returns their paths in order."""
    return [_write_one(directory, number, len(str(count))) for number in range(1, count + 1)]


def _write_one(directory, number, width):
    kind = (number - 1) % 3
    name = f"{number:0{width}d}_bench.sql"
    text = (TABLE, FUNCTION, COLUMN)[kind].format(name=name, number=number, before=number - kind)
    path = directory / name
    path.write_text(text)
    return path
