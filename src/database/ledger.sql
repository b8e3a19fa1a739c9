CREATE SCHEMA IF NOT EXISTS dbctl;
COMMENT ON SCHEMA dbctl IS 'dbctl: which scripts ran in this database';

CREATE TABLE dbctl.state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  integer NOT NULL,
    building boolean NOT NULL
);
COMMENT ON TABLE dbctl.state IS 'one row: the ledger''s version, and whether the database is still being built from nothing';

CREATE TABLE dbctl.ledger (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event      text NOT NULL CHECK (event IN ('started', 'progress', 'applied', 'failed', 'adopted', 'forgotten')),
    attempt    text NOT NULL,
    script     text NOT NULL,
    number     text,
    checksum   text NOT NULL,
    token_hash text,
    mode       text NOT NULL,
    statements integer,
    finished   integer NOT NULL DEFAULT 0,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    took_ms    bigint,
    error      jsonb,
    who        text NOT NULL,
    dbctl      text NOT NULL,
    writer     integer NOT NULL
);
COMMENT ON TABLE dbctl.ledger IS 'append-only: one row for each event of an attempt to run a script';
COMMENT ON COLUMN dbctl.ledger.writer IS 'the backend that held the run''s lock; a row cannot be written without one';
CREATE INDEX ledger_script_id ON dbctl.ledger (script, id DESC);

CREATE VIEW dbctl.standing AS
WITH last AS (
    SELECT DISTINCT ON (script) * FROM dbctl.ledger ORDER BY script, id DESC
), settled AS (
    SELECT DISTINCT ON (script) script, event, checksum, token_hash, at
    FROM dbctl.ledger
    WHERE event IN ('applied', 'adopted', 'forgotten')
    ORDER BY script, id DESC
)
SELECT last.script, last.number, last.event, last.mode, last.checksum, last.statements, last.finished, last.at,
       last.took_ms, last.error, last.who, last.dbctl, last.attempt,
       held.checksum AS applied_checksum, held.token_hash AS applied_token_hash, held.at AS applied_at
FROM last
LEFT JOIN settled AS held ON held.script = last.script AND held.event <> 'forgotten';
COMMENT ON VIEW dbctl.standing IS 'what holds now for each script: its last attempt, and the content that is applied';
