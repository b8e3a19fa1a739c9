-- 014_llm_jobs.sql
-- Description: Queue of work for the language models
-- Author: Platform Team
-- Date: 2025-09-18

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'llm_job_status' AND typnamespace = 'public'::regnamespace) THEN
        CREATE TYPE llm_job_status AS ENUM ('pending', 'running', 'done', 'failed', 'cancelled');
    END IF;
END $$;

COMMENT ON TYPE llm_job_status IS 'Life of a job';

CREATE TABLE IF NOT EXISTS llm_jobs (
    id                  BIGSERIAL PRIMARY KEY,
    conversation_id     UUID REFERENCES conversations (id) ON DELETE CASCADE,
    message_id          BIGINT REFERENCES messages (id) ON DELETE SET NULL,
    llm_model           VARCHAR(100) NOT NULL REFERENCES llm_models (name) ON UPDATE CASCADE ON DELETE NO ACTION,
    kind                VARCHAR(20) NOT NULL DEFAULT 'chat' CHECK (kind IN ('chat', 'title', 'summary', 'embedding')),
    status              llm_job_status NOT NULL DEFAULT 'pending',
    priority            SMALLINT NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 9),
    attempts            SMALLINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    max_attempts        SMALLINT NOT NULL DEFAULT 3 CHECK (max_attempts > 0),
    payload             JSONB NOT NULL,
    result              JSONB,
    error               TEXT,
    worker              VARCHAR(100),
    run_after           TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    started_at          TIMESTAMPTZ,
    finished_at         TIMESTAMPTZ,
    duration            INTERVAL GENERATED ALWAYS AS (finished_at - started_at) STORED,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE INDEX IF NOT EXISTS idx_llm_jobs_conversation_id ON llm_jobs (conversation_id);
CREATE INDEX IF NOT EXISTS idx_llm_jobs_message_id ON llm_jobs (message_id);
CREATE INDEX IF NOT EXISTS idx_llm_jobs_llm_model ON llm_jobs (llm_model);
CREATE INDEX IF NOT EXISTS idx_llm_jobs_priority_run_after ON llm_jobs (priority, run_after, id) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS idx_llm_jobs_started_at ON llm_jobs (started_at) WHERE status = 'running';
CREATE INDEX IF NOT EXISTS idx_llm_jobs_payload ON llm_jobs USING GIN (payload jsonb_path_ops);
CREATE INDEX IF NOT EXISTS idx_llm_jobs_result ON llm_jobs USING GIN (result jsonb_path_ops);

DROP TRIGGER IF EXISTS trg_llm_jobs_updated_at ON llm_jobs;
CREATE TRIGGER trg_llm_jobs_updated_at
    BEFORE UPDATE ON llm_jobs
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE llm_jobs IS 'LLM job queue';
COMMENT ON COLUMN llm_jobs.id IS 'Key, in the order of queueing';
COMMENT ON COLUMN llm_jobs.conversation_id IS 'Conversation it works for, and goes with';
COMMENT ON COLUMN llm_jobs.message_id IS 'Message that it writes';
COMMENT ON COLUMN llm_jobs.llm_model IS 'Who does it; a model with jobs cannot be removed';
COMMENT ON COLUMN llm_jobs.kind IS 'What is asked for';
COMMENT ON COLUMN llm_jobs.status IS 'Where it is in its life';
COMMENT ON COLUMN llm_jobs.priority IS '1 is done first, 9 last';
COMMENT ON COLUMN llm_jobs.attempts IS 'Times it was begun';
COMMENT ON COLUMN llm_jobs.max_attempts IS 'Times it may be begun';
COMMENT ON COLUMN llm_jobs.payload IS 'The request';
COMMENT ON COLUMN llm_jobs.result IS 'The answer';
COMMENT ON COLUMN llm_jobs.error IS 'Why the last attempt failed';
COMMENT ON COLUMN llm_jobs.worker IS 'Who works on it';
COMMENT ON COLUMN llm_jobs.run_after IS 'Not before this moment; later after each failure';
COMMENT ON COLUMN llm_jobs.started_at IS 'Begin of the last attempt';
COMMENT ON COLUMN llm_jobs.finished_at IS 'End of the last attempt';
COMMENT ON COLUMN llm_jobs.duration IS 'Length of the last attempt';
COMMENT ON COLUMN llm_jobs.created_at IS 'When it was queued';
COMMENT ON COLUMN llm_jobs.updated_at IS 'Last change, set by a trigger';

CREATE OR REPLACE FUNCTION claim_llm_job(claiming_worker TEXT)
RETURNS SETOF llm_jobs
LANGUAGE sql
AS $$
    UPDATE llm_jobs
    SET status = 'running',
        worker = claiming_worker,
        attempts = attempts + 1,
        started_at = NOW(),
        finished_at = NULL
    WHERE id = (
        SELECT id
        FROM llm_jobs
        WHERE status = 'pending' AND run_after <= NOW()
        ORDER BY priority, run_after, id
        FOR UPDATE SKIP LOCKED
        LIMIT 1
    )
    RETURNING *;
$$;

COMMENT ON FUNCTION claim_llm_job(TEXT) IS 'Gives the next job to a worker; two workers never get the same one';

CREATE OR REPLACE FUNCTION fail_llm_job(failed_id BIGINT, reason TEXT)
RETURNS llm_job_status
LANGUAGE plpgsql
AS $$
DECLARE
    next_status llm_job_status;
BEGIN
    UPDATE llm_jobs
    SET status = CASE WHEN attempts < max_attempts THEN 'pending' ELSE 'failed' END::llm_job_status,
        error = reason,
        finished_at = NOW(),
        run_after = NOW() + (INTERVAL '5 seconds' * power(3, attempts))
    WHERE id = failed_id AND status = 'running'
    RETURNING status INTO next_status;

    IF NOT FOUND THEN
        RAISE EXCEPTION 'job % is not running', failed_id USING ERRCODE = 'no_data_found';
    END IF;
    RETURN next_status;
END;
$$;

COMMENT ON FUNCTION fail_llm_job(BIGINT, TEXT) IS 'Notes a failure; the job waits longer each time, until its attempts are used up';

CREATE OR REPLACE FUNCTION announce_llm_job()
RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_notify('llm_jobs', NEW.id::text);
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION announce_llm_job() IS 'Trigger: wakes the workers that listen on llm_jobs';

DROP TRIGGER IF EXISTS trg_llm_jobs_announce ON llm_jobs;
CREATE TRIGGER trg_llm_jobs_announce
    AFTER INSERT OR UPDATE OF status ON llm_jobs
    FOR EACH ROW WHEN (NEW.status = 'pending')
    EXECUTE FUNCTION announce_llm_job();
