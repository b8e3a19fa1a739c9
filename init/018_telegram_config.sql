-- 018_telegram_config.sql
-- Description: Settings of the Telegram bot, one row
-- Author: Platform Team
-- Date: 2025-10-09

CREATE TABLE IF NOT EXISTS telegram_config (
    id                  SMALLINT PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    bot_token           BYTEA,
    bot_username        VARCHAR(64),
    telegram_id         BIGINT,
    allowed_chat_ids    BIGINT[] NOT NULL DEFAULT ARRAY[]::BIGINT[],
    minimum_severity    alert_severity NOT NULL DEFAULT 'warning',
    quiet_from          TIME NOT NULL DEFAULT '22:00',
    quiet_until         TIME NOT NULL DEFAULT '07:00',
    time_zone           VARCHAR(64) NOT NULL DEFAULT 'Europe/Berlin',
    is_enabled          BOOLEAN NOT NULL DEFAULT FALSE,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    CONSTRAINT telegram_config_enabled_is_complete CHECK (NOT is_enabled OR (bot_token IS NOT NULL AND telegram_id IS NOT NULL))
);

DROP TRIGGER IF EXISTS trg_telegram_config_updated_at ON telegram_config;
CREATE TRIGGER trg_telegram_config_updated_at
    BEFORE UPDATE ON telegram_config
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE telegram_config IS 'Telegram settings';
COMMENT ON COLUMN telegram_config.id IS 'Always 1: there is one row';
COMMENT ON COLUMN telegram_config.bot_token IS 'Token, encrypted with the appliance''s key';
COMMENT ON COLUMN telegram_config.bot_username IS 'Name of the bot, as Telegram tells it';
COMMENT ON COLUMN telegram_config.telegram_id IS 'Account that alerts go to';
COMMENT ON COLUMN telegram_config.allowed_chat_ids IS 'Chats in which the bot answers';
COMMENT ON COLUMN telegram_config.minimum_severity IS 'Anything quieter is not sent';
COMMENT ON COLUMN telegram_config.quiet_from IS 'From here on only critical alerts';
COMMENT ON COLUMN telegram_config.quiet_until IS 'Until here only critical alerts';
COMMENT ON COLUMN telegram_config.time_zone IS 'Time zone of the quiet hours';
COMMENT ON COLUMN telegram_config.is_enabled IS 'Whether the bot runs';
COMMENT ON COLUMN telegram_config.created_at IS 'When the row was made';
COMMENT ON COLUMN telegram_config.updated_at IS 'Last change, set by a trigger';

INSERT INTO telegram_config (id)
VALUES (1)
ON CONFLICT (id) DO NOTHING;
