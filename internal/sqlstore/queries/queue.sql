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

-- Only notes on outcomes need to know whom the case proved; who proved an address stands in the audit trail
-- when the proofs themselves have gone.

-- name: LeasedProven :many
SELECT DISTINCT d.case_id, h.address FROM deliveries d
    JOIN cases c ON c.id = d.case_id
    JOIN challenges h ON h.case_id = c.id AND h.purpose = 'prove'
    JOIN audit a ON a.reference = c.reference AND a.act = 'proven' AND a.address_hash = h.address_hash
WHERE d.lease = $1 AND d.lease <> 0 AND d.kind LIKE 'note-%'
ORDER BY d.case_id, h.address;

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
    OR (state = 'delivered' AND sqlc.arg(state) = 'failed')
)
RETURNING kind;

-- name: ReleaseLeases :exec
UPDATE deliveries SET leased_by = '', leased_until = 0, lease = 0
WHERE state = 'queued' AND leased_by = sqlc.arg(worker);

-- name: QueueStats :one
SELECT COUNT(*) AS depth, CAST(COALESCE(MIN(created_at), 0) AS BIGINT) AS oldest
FROM deliveries WHERE state = 'queued' AND channel = 'mail';

-- What the desk refused and waits for it all the same (recovery.Kind.Lasts) is kept as queued, with the reason.

-- name: HandOffStats :one
SELECT COUNT(*) AS waiting, CAST(COALESCE(MIN(created_at), 0) AS BIGINT) AS oldest,
    CAST(COALESCE(SUM(CASE WHEN created_at <= sqlc.arg(before) THEN 1 ELSE 0 END), 0) AS BIGINT) AS late
FROM deliveries WHERE channel = 'desk' AND kind IN ('ticket', 'disowned', 'note-disowned') AND state = 'queued';

-- name: LateHandOffs :many
SELECT c.reference FROM deliveries d JOIN cases c ON c.id = d.case_id
WHERE d.channel = 'desk' AND d.kind IN ('ticket', 'disowned', 'note-disowned') AND d.state = 'queued'
    AND d.created_at <= sqlc.arg(before)
ORDER BY d.created_at, d.seq LIMIT sqlc.arg(at_most);
