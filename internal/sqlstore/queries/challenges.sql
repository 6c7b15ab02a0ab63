-- name: InsertChallenge :exec
INSERT INTO challenges (
    id, key_id, purpose, case_id, address, address_hash, account_id, created_at, expires_at, tries, used_at,
    claimed_until, seq, elsewhere
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- LeaveAddress is for before a case takes to another address: it no longer finds what was mailed to this one.

-- name: LeaveAddress :exec
UPDATE challenges SET elsewhere = 1 WHERE case_id = $1 AND elsewhere = 0 AND address_hash <> $2;

-- name: ChallengeByID :one
SELECT * FROM challenges WHERE id = $1;

-- name: ChallengesOfCase :many
SELECT * FROM challenges WHERE case_id = $1 ORDER BY created_at, seq;

-- name: CountTry :many
UPDATE challenges SET tries = tries + 1
WHERE case_id = $1 AND purpose = 'prove' AND expires_at > sqlc.arg(now)
    AND tries < sqlc.arg(tries_limit)
RETURNING *;

-- name: CodeSpent :one
SELECT EXISTS (SELECT 1 FROM stops s WHERE s.address_hash = sqlc.arg(address_hash) AND s.ends_at > sqlc.arg(now)) AS stopped,
    CAST(COALESCE(SUM(c.n), 0) AS BIGINT) AS n
FROM counters c WHERE c.name = sqlc.arg(name) AND c.bucket > sqlc.arg(start);

-- name: UseChallenge :execrows
UPDATE challenges SET used_at = sqlc.arg(now)
WHERE id = $1 AND used_at = 0 AND expires_at > sqlc.arg(now);

-- name: ClaimChallenge :execrows
UPDATE challenges SET claimed_until = sqlc.arg(until)
WHERE id = $1 AND used_at = 0 AND expires_at > sqlc.arg(now) AND claimed_until <= sqlc.arg(now);

-- name: ReleaseChallenge :exec
UPDATE challenges SET claimed_until = 0 WHERE id = $1;

-- name: EndChallenges :exec
UPDATE challenges SET used_at = sqlc.arg(now)
WHERE case_id = $1 AND used_at = 0 AND purpose <> sqlc.arg(kept);
