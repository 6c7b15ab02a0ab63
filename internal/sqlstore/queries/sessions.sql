-- The lock is of the id, which a group of starts holds before any of them speaks: nobody else gives a session
-- its row meanwhile. Whoever gives one session its row, or takes it, takes the lock first. What removes those of a
-- case, or those that have expired, locks the rows alone.

-- name: PutSession :exec
INSERT INTO sessions (lineage, id_hash, case_id, prefill, draft, held, created_at, seen_at, expires_at, arrival)
VALUES ($1, $2 /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended('session:' || $2, 0)) AS TEXT) */, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (lineage) DO UPDATE SET
    id_hash = excluded.id_hash, case_id = excluded.case_id, prefill = excluded.prefill,
    draft = excluded.draft, held = excluded.held, seen_at = excluded.seen_at, expires_at = excluded.expires_at,
    arrival = excluded.arrival;

-- name: SessionByIDHash :one
SELECT * FROM sessions WHERE id_hash = $1 AND expires_at > sqlc.arg(now);

-- name: DeleteSession :exec
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
