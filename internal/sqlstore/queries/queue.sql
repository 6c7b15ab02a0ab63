-- A comment that begins with "postgres:" is part of the statement there and a comment on SQLite, where
-- writers take turns.

-- name: LeaseDue :execrows
WITH due AS MATERIALIZED (
    SELECT d.id FROM deliveries d
    WHERE d.state = 'queued' AND d.channel = sqlc.arg(channel) AND d.due_at <= sqlc.arg(now) AND d.leased_until <= sqlc.arg(now)
    ORDER BY d.due_at, d.seq LIMIT sqlc.arg(at_most) /* postgres: FOR UPDATE SKIP LOCKED */
)
UPDATE deliveries SET
    leased_by = sqlc.arg(worker), leased_until = sqlc.arg(until), lease = sqlc.arg(lease),
    attempts = attempts + 1
WHERE id IN (SELECT due.id FROM due);

-- name: LeasedDeliveries :many
SELECT sqlc.embed(d), sqlc.embed(c) FROM deliveries d JOIN cases c ON c.id = d.case_id
WHERE d.lease = $1 AND d.lease <> 0
ORDER BY d.due_at, d.seq;

-- name: LeasedChallenges :many
SELECT h.* FROM deliveries d JOIN challenges h ON h.id IN (d.challenge_id, d.aside_id)
WHERE d.lease = $1 AND d.lease <> 0;

-- name: LeasedHandOffs :many
SELECT h.* FROM deliveries d JOIN hand_offs h ON h.case_id = d.case_id
WHERE d.lease = $1 AND d.lease <> 0;

-- name: LeasedNotices :many
SELECT n.* FROM deliveries d JOIN other_notices n ON n.id = d.notice_id
WHERE d.lease = $1 AND d.lease <> 0;

-- name: FinishDelivery :exec
UPDATE deliveries SET
    state = sqlc.arg(state), reason = sqlc.arg(reason), provider_id = sqlc.arg(provider_id),
    due_at = sqlc.arg(due_at), accepted_at = sqlc.arg(accepted_at), changed_at = sqlc.arg(now),
    leased_by = '', leased_until = 0, lease = 0
WHERE id = sqlc.arg(id) AND state = 'queued' AND leased_by = sqlc.arg(worker);

-- name: RequeueDelivery :exec
UPDATE deliveries SET
    reason = sqlc.arg(reason), due_at = sqlc.arg(due_at), leased_by = '', leased_until = 0, lease = 0
WHERE id = sqlc.arg(id) AND state = 'queued' AND leased_by = sqlc.arg(worker);

-- name: MoveDelivery :one
UPDATE deliveries SET
    state = sqlc.arg(state), reason = sqlc.arg(reason), changed_at = sqlc.arg(now),
    accepted_at = CASE WHEN accepted_at = 0 THEN sqlc.arg(now) ELSE accepted_at END,
    leased_by = '', leased_until = 0, lease = 0
WHERE id = sqlc.arg(id) AND (
    (state = 'queued' AND sqlc.arg(state) <> 'queued')
    OR (state = 'accepted' AND sqlc.arg(state) IN ('delayed', 'delivered', 'failed'))
    OR (state = 'delayed' AND sqlc.arg(state) IN ('delivered', 'failed'))
)
RETURNING kind;

-- name: ReleaseLeases :exec
UPDATE deliveries SET leased_by = '', leased_until = 0, lease = 0
WHERE state = 'queued' AND leased_by = sqlc.arg(worker);

-- name: QueueStats :one
SELECT COUNT(*) AS depth, CAST(COALESCE(MIN(created_at), 0) AS BIGINT) AS oldest
FROM deliveries WHERE state = 'queued';
