-- 024_row_level_security.sql
-- Description: Users see their own conversations only
-- Author: Platform Team
-- Date: 2025-11-17

CREATE OR REPLACE FUNCTION current_admin_user_id()
RETURNS BIGINT
LANGUAGE sql
STABLE
AS $$
    SELECT NULLIF(current_setting('arasul.admin_user_id', TRUE), '')::BIGINT;
$$;

COMMENT ON FUNCTION current_admin_user_id() IS 'Who the backend acts for: it says SET LOCAL arasul.admin_user_id in each transaction';

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS conversations_own ON conversations;
CREATE POLICY conversations_own ON conversations
    FOR ALL TO arasul_backend
    USING (admin_user_id = current_admin_user_id())
    WITH CHECK (admin_user_id = current_admin_user_id());

DROP POLICY IF EXISTS conversations_reporting ON conversations;
CREATE POLICY conversations_reporting ON conversations
    FOR SELECT TO arasul_readonly
    USING (TRUE);

DROP POLICY IF EXISTS messages_of_own_conversations ON messages;
CREATE POLICY messages_of_own_conversations ON messages
    FOR ALL TO arasul_backend
    USING (EXISTS (SELECT 1 FROM conversations c WHERE c.id = messages.conversation_id));

COMMENT ON POLICY conversations_own ON conversations IS 'The backend reaches the rows of the user it acts for';
COMMENT ON POLICY conversations_reporting ON conversations IS 'Reports count all conversations';
COMMENT ON POLICY messages_of_own_conversations ON messages IS 'Messages follow their conversation; reports do not see any';
