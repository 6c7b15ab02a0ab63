-- The lock is of the id, which a group of starts holds before any of them speaks: nobody else gives a session
-- its row meanwhile. Whoever gives one session its row, or takes it, takes the lock first. What removes those of a
-- case, or those that have expired, locks the rows alone.

-- name: InsertSession :exec
INSERT INTO sessions (lineage, id_hash, case_id, prefill, draft, held, created_at, seen_at, expires_at, arrival)
VALUES ($1, $2 /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended('session:' || $2, 0)) AS TEXT) */, $3, $4, $5, $6, $7, $8, $9, $10);

-- A row that is not as it was found is left alone. On PostgreSQL, where a write's answer is not waited for, that is
-- a division by zero.

-- name: UpdateSession :execrows
/* postgres: WITH put AS ( */ UPDATE sessions SET
    id_hash = CASE WHEN id_hash = sqlc.arg(was_id_hash) THEN CAST(sqlc.arg(id_hash) AS TEXT) ELSE id_hash END,
    case_id = sqlc.arg(case_id), prefill = sqlc.arg(prefill), draft = sqlc.arg(draft), held = sqlc.arg(held),
    seen_at = sqlc.arg(seen_at), expires_at = sqlc.arg(expires_at), arrival = sqlc.arg(arrival)
WHERE lineage = sqlc.arg(lineage) AND case_id = sqlc.arg(was_case_id) AND prefill = sqlc.arg(was_prefill)
    AND (id_hash = sqlc.arg(was_id_hash) OR sqlc.arg(id_hash) = sqlc.arg(was_id_hash)) /* postgres: RETURNING 1) SELECT 1 / COUNT(*) FROM put */;

-- name: TouchSession :execrows
/* postgres: WITH put AS ( */ UPDATE sessions SET seen_at = sqlc.arg(seen_at), expires_at = sqlc.arg(expires_at)
WHERE lineage = sqlc.arg(lineage) AND case_id = sqlc.arg(was_case_id) /* postgres: RETURNING 1) SELECT 1 / COUNT(*) FROM put */;

-- name: SessionByIDHash :one
SELECT * FROM sessions WHERE id_hash = $1 AND expires_at > sqlc.arg(now);

-- name: DeleteSession :execrows
DELETE FROM sessions
WHERE lineage = $1 /* postgres: AND pg_advisory_xact_lock(hashtextextended('session:' || id_hash, 0)) IS NOT NULL */;

-- name: DeleteSessionsOfCase :exec
DELETE FROM sessions WHERE case_id = $1 AND case_id <> '';

-- name: PutProof :exec
INSERT INTO proofs (lineage, address_hash, case_id, address, via, at, seen_at, expires_at, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (lineage, address_hash) DO UPDATE SET
    case_id = excluded.case_id, address = excluded.address, via = excluded.via, at = excluded.at,
    seen_at = excluded.seen_at, expires_at = excluded.expires_at, seq = excluded.seq;

-- name: TouchProof :exec
UPDATE proofs SET seen_at = $1 WHERE lineage = $2 AND address_hash = $3;

-- name: ProofsOfLineage :many
SELECT * FROM proofs WHERE lineage = $1 AND expires_at > sqlc.arg(now) ORDER BY at DESC, seq DESC;

-- name: ProofsOfCase :many
SELECT * FROM proofs WHERE case_id = $1 ORDER BY at, seq;

-- name: DeleteProofsOfLineage :exec
DELETE FROM proofs WHERE lineage = $1;

-- name: DeleteProofsOfCase :exec
DELETE FROM proofs WHERE case_id = $1;

-- name: DeleteProofsOfCaseSessions :exec
DELETE FROM proofs
WHERE lineage IN (SELECT s.lineage FROM sessions s WHERE s.case_id = $1 AND s.case_id <> '');
