-- 025_dashboard_views.sql
-- Description: Views behind the dashboard's first page
-- Author: Platform Team
-- Date: 2025-11-24

CREATE OR REPLACE VIEW active_sessions AS
SELECT s.id,
       u.username,
       u.role,
       s.ip_address,
       s.created_at,
       s.last_seen_at,
       s.expires_at - NOW() AS remaining
FROM sessions s
JOIN admin_users u ON u.id = s.admin_user_id
WHERE s.revoked_at IS NULL
  AND s.expires_at > NOW();

COMMENT ON VIEW active_sessions IS 'Who is logged in now';

CREATE OR REPLACE VIEW llm_queue AS
SELECT j.llm_model,
       count(*) FILTER (WHERE j.status = 'pending') AS pending,
       count(*) FILTER (WHERE j.status = 'running') AS running,
       count(*) FILTER (WHERE j.status = 'failed' AND j.finished_at > NOW() - INTERVAL '1 day') AS failed_today,
       min(j.created_at) FILTER (WHERE j.status = 'pending') AS oldest_pending,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(EPOCH FROM j.duration))
           FILTER (WHERE j.status = 'done') AS median_seconds
FROM llm_jobs j
GROUP BY j.llm_model;

COMMENT ON VIEW llm_queue IS 'Work of each model: waiting, running, failed today';

CREATE OR REPLACE VIEW knowledge_space_overview AS
SELECT k.id,
       w.name AS workspace,
       k.name,
       k.document_count,
       count(d.id) FILTER (WHERE d.status = 'ready') AS ready,
       count(d.id) FILTER (WHERE d.status = 'failed') AS failed,
       COALESCE(sum(d.size_bytes), 0) AS size_bytes,
       max(d.indexed_at) AS last_indexed_at
FROM knowledge_spaces k
JOIN workspaces w ON w.id = k.workspace_id
LEFT JOIN documents d ON d.knowledge_space_id = k.id
GROUP BY k.id, w.name;

COMMENT ON VIEW knowledge_space_overview IS 'Spaces with the state of their documents';

CREATE OR REPLACE VIEW open_alerts AS
SELECT DISTINCT ON (e.service_name, e.metric)
       e.id,
       e.service_name,
       c.display_name AS metric,
       e.severity,
       e.action,
       e.outcome,
       e.measured,
       e.began_at
FROM self_healing_events e
LEFT JOIN alert_configs c ON c.metric = e.metric
WHERE e.ended_at IS NULL
ORDER BY e.service_name, e.metric, e.began_at DESC;

COMMENT ON VIEW open_alerts IS 'The newest event of each service and metric that has not ended';

GRANT SELECT ON active_sessions, llm_queue, knowledge_space_overview, open_alerts TO arasul_backend;
GRANT SELECT ON llm_queue, knowledge_space_overview, open_alerts TO arasul_readonly;
REVOKE SELECT ON active_sessions FROM arasul_readonly;
