ALTER TABLE dbctl.ledger ADD COLUMN IF NOT EXISTS reach text;
COMMENT ON COLUMN dbctl.ledger.reach IS 'how far the script may reach: database, uncovered (files and the like), cluster, anything';
