-- name: InsertIdentityRequest :exec
INSERT INTO identity_requests (id, key_id, lineage, case_id, created_at, expires_at, used_at)
VALUES ($1, $2, $3, $4, $5, $6, 0);

-- name: IdentityRequestByID :one
SELECT * FROM identity_requests WHERE id = $1;

-- name: UseIdentityRequest :execrows
UPDATE identity_requests SET used_at = sqlc.arg(now)
WHERE id = $1 AND used_at = 0 AND expires_at > sqlc.arg(now);

-- name: PutIdentityProof :exec
INSERT INTO identity_proofs
    (lineage, provider, subject, issuer, case_id, email, email_hash, at, seen_at, expires_at, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (lineage, provider, subject) DO UPDATE SET
    issuer = excluded.issuer, case_id = excluded.case_id, email = excluded.email,
    email_hash = excluded.email_hash, at = excluded.at, seen_at = excluded.seen_at,
    expires_at = excluded.expires_at, seq = excluded.seq;

-- name: TouchIdentityProof :exec
UPDATE identity_proofs SET seen_at = $1 WHERE lineage = $2 AND provider = $3 AND subject = $4;

-- name: IdentityProofsOfLineage :many
SELECT * FROM identity_proofs WHERE lineage = $1 AND expires_at > sqlc.arg(now) ORDER BY at DESC, seq DESC;

-- name: IdentityProofsOfCase :many
SELECT * FROM identity_proofs WHERE case_id = $1 ORDER BY at, seq;

-- name: DeleteIdentityRequestsOfLineage :exec
DELETE FROM identity_requests WHERE lineage = $1;

-- name: DeleteIdentityProofsOfLineage :exec
DELETE FROM identity_proofs WHERE lineage = $1;

-- name: DeleteIdentityRequestsOfCase :exec
DELETE FROM identity_requests WHERE case_id = $1;

-- name: DeleteIdentityProofsOfCase :exec
DELETE FROM identity_proofs WHERE case_id = $1;

-- name: DeleteIdentityRequestsOfCaseSessions :exec
DELETE FROM identity_requests
WHERE lineage IN (SELECT s.lineage FROM sessions s WHERE s.case_id = $1 AND s.case_id <> '');

-- name: DeleteIdentityProofsOfCaseSessions :exec
DELETE FROM identity_proofs
WHERE lineage IN (SELECT s.lineage FROM sessions s WHERE s.case_id = $1 AND s.case_id <> '');
