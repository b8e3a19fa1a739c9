-- 010_conversations.sql
-- Description: Chat conversations
-- Author: Platform Team
-- Date: 2025-09-12

CREATE TABLE IF NOT EXISTS conversations (
    id                  UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace_id        INTEGER NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    admin_user_id       BIGINT REFERENCES admin_users (id) ON DELETE SET NULL,
    knowledge_space_id  INTEGER REFERENCES knowledge_spaces (id) ON DELETE SET NULL,
    llm_model           VARCHAR(100) NOT NULL DEFAULT 'llama3.1:8b'
                        REFERENCES llm_models (name) ON UPDATE CASCADE ON DELETE SET DEFAULT,
    title               VARCHAR(200) NOT NULL DEFAULT 'New conversation',
    tags                TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    message_count       INTEGER NOT NULL DEFAULT 0 CHECK (message_count >= 0),
    is_pinned           BOOLEAN NOT NULL DEFAULT FALSE,
    archived_at         TIMESTAMPTZ,
    last_message_at     TIMESTAMPTZ,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_conversations_workspace_id ON conversations (workspace_id);
CREATE INDEX IF NOT EXISTS idx_conversations_admin_user_id ON conversations (admin_user_id);
CREATE INDEX IF NOT EXISTS idx_conversations_knowledge_space_id ON conversations (knowledge_space_id);
CREATE INDEX IF NOT EXISTS idx_conversations_llm_model ON conversations (llm_model);
CREATE INDEX IF NOT EXISTS idx_conversations_last_message_at
    ON conversations (last_message_at DESC NULLS LAST) WHERE archived_at IS NULL;
CREATE INDEX IF NOT EXISTS idx_conversations_tags ON conversations USING GIN (tags);

DROP TRIGGER IF EXISTS trg_conversations_updated_at ON conversations;
CREATE TRIGGER trg_conversations_updated_at
    BEFORE UPDATE ON conversations
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE conversations IS 'Chat conversations';
COMMENT ON COLUMN conversations.id IS 'Key, also in addresses';
COMMENT ON COLUMN conversations.workspace_id IS 'Where it belongs, and goes with';
COMMENT ON COLUMN conversations.admin_user_id IS 'Who began it; it outlives the account';
COMMENT ON COLUMN conversations.knowledge_space_id IS 'Where answers may look things up';
COMMENT ON COLUMN conversations.llm_model IS 'Who answers; the default model when that one is removed';
COMMENT ON COLUMN conversations.title IS 'Title, written by the model after the first answer';
COMMENT ON COLUMN conversations.tags IS 'The user''s tags';
COMMENT ON COLUMN conversations.message_count IS 'Messages in it, kept by a trigger';
COMMENT ON COLUMN conversations.is_pinned IS 'Shown above the others';
COMMENT ON COLUMN conversations.archived_at IS 'When it was put away';
COMMENT ON COLUMN conversations.last_message_at IS 'Time of the newest message, kept by a trigger';
COMMENT ON COLUMN conversations.created_at IS 'When it was begun';
COMMENT ON COLUMN conversations.updated_at IS 'Last change, set by a trigger';
