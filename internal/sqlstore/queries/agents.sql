-- name: PutAgentSession :exec
INSERT INTO agent_sessions (id_hash, who, way, key_id, request_id, back, sought, created_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id_hash) DO UPDATE SET
    who = excluded.who, way = excluded.way, key_id = excluded.key_id, request_id = excluded.request_id, back = excluded.back,
    sought = excluded.sought, seen_at = excluded.seen_at, expires_at = excluded.expires_at;

-- A session that was ended meanwhile stays so.

-- name: TouchAgentSession :execrows
UPDATE agent_sessions SET seen_at = $1, expires_at = $2 WHERE id_hash = $3;

-- name: SeekAsAgent :execrows
UPDATE agent_sessions SET sought = $1 WHERE id_hash = $2;

-- name: AgentSession :one
SELECT * FROM agent_sessions WHERE id_hash = $1 AND expires_at > sqlc.arg(now);

-- name: UseAgentRequest :execrows
UPDATE agent_sessions SET request_id = ''
WHERE id_hash = $1 AND request_id = sqlc.arg(request_id) AND request_id <> '' AND expires_at > sqlc.arg(now);

-- name: DeleteAgentSession :exec
DELETE FROM agent_sessions WHERE id_hash = $1;

-- name: ForgetSought :exec
UPDATE agent_sessions SET sought = '' WHERE sought = $1 AND sought <> '';

-- name: SweepAgentSessions :execrows
DELETE FROM agent_sessions WHERE id_hash IN (
    SELECT s.id_hash FROM agent_sessions s WHERE s.expires_at < sqlc.arg(before) ORDER BY s.expires_at
    LIMIT sqlc.arg(at_most)
);

-- name: CasesOfAddress :many
SELECT * FROM cases WHERE id IN (
    SELECT c.id FROM cases c WHERE c.address_hash = sqlc.arg(address_hash)
    UNION SELECT h.case_id FROM challenges h WHERE h.address_hash = sqlc.arg(address_hash) AND h.elsewhere <> 0
)
ORDER BY created_at DESC, id LIMIT sqlc.arg(at_most) OFFSET sqlc.arg(skipped);

-- name: NewestCases :many
SELECT * FROM cases ORDER BY created_at DESC LIMIT sqlc.arg(at_most);

-- name: AuditOfAgents :many
SELECT * FROM audit WHERE actor <> '' ORDER BY at DESC, seq DESC LIMIT sqlc.arg(at_most) OFFSET sqlc.arg(skipped);
