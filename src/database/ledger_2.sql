ALTER TABLE dbctl.ledger ADD COLUMN IF NOT EXISTS finished_hash text;
COMMENT ON COLUMN dbctl.ledger.finished_hash IS 'of an attempt statement by statement: sha256 over the tokens of the finished statements';

CREATE OR REPLACE VIEW dbctl.standing AS
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
       held.checksum AS applied_checksum, held.token_hash AS applied_token_hash, held.at AS applied_at,
       -- Only what may be resumed needs it, and every command reads this view.
       CASE WHEN last.event NOT IN ('applied', 'adopted', 'forgotten') THEN
           (SELECT done.finished_hash FROM dbctl.ledger AS done
            WHERE done.script = last.script AND done.attempt = last.attempt AND done.finished = last.finished
              AND done.finished_hash IS NOT NULL
            ORDER BY done.id DESC LIMIT 1)
       END AS finished_hash
FROM last
LEFT JOIN settled AS held ON held.script = last.script AND held.event <> 'forgotten';
