-- 011_messages.sql
-- Description: Chat messages and what they keep up to date in their conversation
-- Author: Platform Team
-- Date: 2025-09-12

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'message_role' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE message_role AS ENUM ('system', 'user', 'assistant', 'tool');
    END IF;
END $$;

COMMENT ON TYPE message_role IS 'Who speaks';

CREATE TABLE IF NOT EXISTS messages (
    id                  BIGSERIAL PRIMARY KEY,
    conversation_id     UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    reply_to_id         BIGINT REFERENCES messages (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    role                message_role NOT NULL,
    content             TEXT NOT NULL,
    content_search      TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, content)) STORED,
    sources             JSONB NOT NULL DEFAULT '[]'::jsonb CHECK (jsonb_typeof(sources) = 'array'),
    prompt_tokens       INTEGER NOT NULL DEFAULT 0 CHECK (prompt_tokens >= 0),
    completion_tokens   INTEGER NOT NULL DEFAULT 0 CHECK (completion_tokens >= 0),
    total_tokens        INTEGER GENERATED ALWAYS AS (prompt_tokens + completion_tokens) STORED,
    rating              SMALLINT CHECK (rating IN (-1, 1)),
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_messages_conversation_id_created_at ON messages (conversation_id, created_at);
CREATE INDEX IF NOT EXISTS idx_messages_reply_to_id ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_messages_content_search ON messages USING GIN (content_search);
CREATE INDEX IF NOT EXISTS idx_messages_sources ON messages USING GIN (sources jsonb_path_ops);

COMMENT ON TABLE messages IS 'Chat messages';
COMMENT ON COLUMN messages.id IS 'Key, in the order of writing';
COMMENT ON COLUMN messages.conversation_id IS 'Where it belongs, and goes with';
COMMENT ON COLUMN messages.reply_to_id IS 'What it answers; checked at the end of the transaction, so that an import may come in any order';
COMMENT ON COLUMN messages.role IS 'Who speaks';
COMMENT ON COLUMN messages.content IS 'Text, in Markdown';
COMMENT ON COLUMN messages.content_search IS 'Words of the text, for search';
COMMENT ON COLUMN messages.sources IS 'Chunks that an answer rests on: [{"chunk_id": 1, "score": 0.8}]';
COMMENT ON COLUMN messages.prompt_tokens IS 'Tokens read';
COMMENT ON COLUMN messages.completion_tokens IS 'Tokens written';
COMMENT ON COLUMN messages.total_tokens IS 'Both together';
COMMENT ON COLUMN messages.rating IS 'The reader''s thumb: 1 up, -1 down';
COMMENT ON COLUMN messages.created_at IS 'When it was written';

CREATE OR REPLACE FUNCTION count_messages()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE conversations c
        SET message_count = c.message_count + added.number,
            last_message_at = GREATEST(c.last_message_at, added.newest)
        FROM (SELECT conversation_id, count(*) AS number, max(created_at) AS newest
              FROM new_messages GROUP BY conversation_id) AS added
        WHERE c.id = added.conversation_id;
    ELSE
        UPDATE conversations c
        SET message_count = c.message_count - removed.number
        FROM (SELECT conversation_id, count(*) AS number
              FROM old_messages GROUP BY conversation_id) AS removed
        WHERE c.id = removed.conversation_id;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_messages() IS 'Trigger: keeps message_count and last_message_at, once a statement';

DROP TRIGGER IF EXISTS trg_messages_count_added ON messages;
CREATE TRIGGER trg_messages_count_added
    AFTER INSERT ON messages
    REFERENCING NEW TABLE AS new_messages
    FOR EACH STATEMENT EXECUTE FUNCTION count_messages();

DROP TRIGGER IF EXISTS trg_messages_count_removed ON messages;
CREATE TRIGGER trg_messages_count_removed
    AFTER DELETE ON messages
    REFERENCING OLD TABLE AS old_messages
    FOR EACH STATEMENT EXECUTE FUNCTION count_messages();
