-- name: InsertDelivery :exec
INSERT INTO deliveries (
    id, kind, case_id, challenge_id, aside_id, notice_id, account_id, state, refusal, reason, attempts,
    created_at, due_at, leased_by, leased_until, lease, accepted_at, changed_at, provider_id, seq, channel, browser
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', 0, 0, $14, $15, $16, $17, $18, $19);

-- name: DeliveriesOfCase :many
SELECT * FROM deliveries WHERE case_id = $1 ORDER BY created_at DESC, seq DESC;

-- name: FailQueued :exec
UPDATE deliveries SET
    state = 'failed', reason = sqlc.arg(reason), changed_at = sqlc.arg(now),
    leased_by = '', leased_until = 0, lease = 0
WHERE case_id = $1 AND state = 'queued' AND challenge_id <> '';

-- name: InsertOtherNotice :exec
INSERT INTO other_notices (id, address, address_hash, asked_domain, created_at) VALUES ($1, $2, $3, $4, $5);
