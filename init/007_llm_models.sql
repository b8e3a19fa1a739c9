-- 007_llm_models.sql
-- Description: Language models that can be installed
-- Author: Platform Team
-- Date: 2025-09-08

CREATE TABLE IF NOT EXISTS llm_models (
    name                VARCHAR(100) PRIMARY KEY,
    family              VARCHAR(50) NOT NULL,
    purpose             VARCHAR(20) NOT NULL CHECK (purpose IN ('chat', 'code', 'embedding', 'vision')),
    parameters_billion  NUMERIC(6, 2) NOT NULL CHECK (parameters_billion > 0),
    context_tokens      INTEGER NOT NULL CHECK (context_tokens > 0),
    size_bytes          BIGINT NOT NULL CHECK (size_bytes > 0),
    size_gb             NUMERIC(8, 2) GENERATED ALWAYS AS (round(size_bytes / 1000000000.0, 2)) STORED,
    price_per_million   NUMERIC(10, 4) NOT NULL DEFAULT 0,
    capabilities        TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    is_installed        BOOLEAN NOT NULL DEFAULT FALSE,
    is_default          BOOLEAN NOT NULL DEFAULT FALSE,
    settings            JSONB NOT NULL DEFAULT '{}'::jsonb,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_llm_models_purpose ON llm_models (purpose) WHERE is_default;
CREATE INDEX IF NOT EXISTS idx_llm_models_capabilities ON llm_models USING GIN (capabilities);
CREATE INDEX IF NOT EXISTS idx_llm_models_settings ON llm_models USING GIN (settings);

DROP TRIGGER IF EXISTS trg_llm_models_updated_at ON llm_models;
CREATE TRIGGER trg_llm_models_updated_at
    BEFORE UPDATE ON llm_models
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE llm_models IS 'Available models';
COMMENT ON COLUMN llm_models.name IS 'Name and tag, as the runtime knows it';
COMMENT ON COLUMN llm_models.family IS 'Maker''s family';
COMMENT ON COLUMN llm_models.purpose IS 'What it is used for';
COMMENT ON COLUMN llm_models.parameters_billion IS 'Parameters, in billions';
COMMENT ON COLUMN llm_models.context_tokens IS 'Longest context, in tokens';
COMMENT ON COLUMN llm_models.size_bytes IS 'Size of the download';
COMMENT ON COLUMN llm_models.size_gb IS 'The same in gigabytes, for people';
COMMENT ON COLUMN llm_models.price_per_million IS 'Internal price of a million tokens, in EUR';
COMMENT ON COLUMN llm_models.capabilities IS 'Such as tools, json, vision';
COMMENT ON COLUMN llm_models.is_installed IS 'Whether the weights are on the disk';
COMMENT ON COLUMN llm_models.is_default IS 'One model for each purpose may be the default';
COMMENT ON COLUMN llm_models.settings IS 'Temperature, stop words and the like';
COMMENT ON COLUMN llm_models.created_at IS 'When it was listed';
COMMENT ON COLUMN llm_models.updated_at IS 'Last change, set by a trigger';
COMMENT ON INDEX idx_llm_models_purpose IS 'One default for each purpose';

-- The catalogue, one model a line. What an administrator has changed stays.
CREATE TEMP TABLE IF NOT EXISTS llm_models_catalogue (LIKE llm_models INCLUDING DEFAULTS);
DELETE FROM llm_models_catalogue;

COPY llm_models_catalogue (name, family, purpose, parameters_billion, context_tokens, size_bytes, capabilities, is_default) FROM STDIN;
llama3.1:8b	llama	chat	8.03	131072	4920734272	{tools,json}	t
llama3.1:70b	llama	chat	70.60	131072	42520393600	{tools,json}	f
qwen2.5:14b	qwen	chat	14.80	32768	8988110592	{tools,json}	f
qwen2.5-coder:7b	qwen	code	7.62	32768	4683087104	{tools,json,infill}	t
mistral-nemo:12b	mistral	chat	12.20	131072	7071713280	{tools}	f
nomic-embed-text	nomic	embedding	0.14	8192	274302450	{}	t
bge-m3	bge	embedding	0.57	8192	1157672960	{multilingual}	f
llava:13b	llava	vision	13.40	4096	8011256832	{vision}	t
\.

INSERT INTO llm_models (name, family, purpose, parameters_billion, context_tokens, size_bytes, capabilities, is_default)
SELECT name, family, purpose, parameters_billion, context_tokens, size_bytes, capabilities, is_default
FROM llm_models_catalogue
ON CONFLICT (name) DO NOTHING;
