-- name: InsertCase :exec
INSERT INTO cases (
    id, reference, created_at, language, entry, browser, address, address_hash, last_act, ended_at, ticket, expected
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- A case that has ended stays so, whatever a slower request still thinks of it, and the first time of a
-- milestone stays.

-- name: UpdateCase :execrows
UPDATE cases SET address = $1, address_hash = $2, last_act = $3, language = $4,
    ended_at = CASE WHEN ended_at = 0 THEN $5 ELSE ended_at END,
    proven_at = CASE WHEN proven_at = 0 THEN $6 ELSE proven_at END,
    explained_at = CASE WHEN explained_at = 0 THEN $7 ELSE explained_at END,
    acted_at = CASE WHEN acted_at = 0 THEN $8 ELSE acted_at END,
    signed_in_at = CASE WHEN signed_in_at = 0 THEN $9 ELSE signed_in_at END,
    got_in_at = CASE WHEN got_in_at = 0 THEN $10 ELSE got_in_at END,
    not_in_at = CASE WHEN not_in_at = 0 THEN $11 ELSE not_in_at END,
    handed_off_at = CASE WHEN handed_off_at = 0 THEN $12 ELSE handed_off_at END,
    ticket_at = CASE WHEN ticket_at = 0 THEN $13 ELSE ticket_at END,
    checked_at = CASE WHEN checked_at = 0 THEN $14 ELSE checked_at END
WHERE id = $15;

-- The first time of a milestone stays.

-- name: MarkCase :exec
UPDATE cases SET
    proven_at = CASE WHEN CAST(sqlc.arg(milestone) AS TEXT) = 'proven' AND proven_at = 0 THEN sqlc.arg(at) ELSE proven_at END,
    explained_at = CASE WHEN sqlc.arg(milestone) = 'explained' AND explained_at = 0 THEN sqlc.arg(at) ELSE explained_at END,
    acted_at = CASE WHEN sqlc.arg(milestone) = 'acted' AND acted_at = 0 THEN sqlc.arg(at) ELSE acted_at END,
    signed_in_at = CASE WHEN sqlc.arg(milestone) = 'signed-in' AND signed_in_at = 0 THEN sqlc.arg(at) ELSE signed_in_at END,
    got_in_at = CASE WHEN sqlc.arg(milestone) = 'got-in' AND got_in_at = 0 THEN sqlc.arg(at) ELSE got_in_at END,
    not_in_at = CASE WHEN sqlc.arg(milestone) = 'not-in' AND not_in_at = 0 THEN sqlc.arg(at) ELSE not_in_at END,
    handed_off_at = CASE WHEN sqlc.arg(milestone) = 'handed-off' AND handed_off_at = 0 THEN sqlc.arg(at) ELSE handed_off_at END,
    ticket_at = CASE WHEN sqlc.arg(milestone) = 'ticket' AND ticket_at = 0 THEN sqlc.arg(at) ELSE ticket_at END,
    checked_at = CASE WHEN sqlc.arg(milestone) = 'checked' AND checked_at = 0 THEN sqlc.arg(at) ELSE checked_at END
WHERE id = sqlc.arg(id);

-- LockCase is for PostgreSQL alone: who holds it is alone in changing what belongs to the case.

-- name: LockCase :exec
SELECT id FROM cases WHERE id = $1 /* postgres: FOR NO KEY UPDATE */;

-- name: CaseByID :one
SELECT * FROM cases WHERE id = $1;

-- name: CaseAndProofs :many
SELECT sqlc.embed(c), CAST(COALESCE(p.address_hash, '') AS TEXT) AS proven_hash,
    CAST(COALESCE(p.case_id, '') AS TEXT) AS proven_case, CAST(COALESCE(p.address, '') AS TEXT) AS proven_address,
    CAST(COALESCE(p.via, '') AS TEXT) AS via, CAST(COALESCE(p.at, 0) AS BIGINT) AS at,
    CAST(COALESCE(p.seen_at, 0) AS BIGINT) AS seen_at, CAST(COALESCE(p.expires_at, 0) AS BIGINT) AS expires_at
FROM cases c LEFT JOIN proofs p ON p.lineage = sqlc.arg(lineage) AND p.expires_at > sqlc.arg(now)
WHERE c.id = sqlc.arg(id) ORDER BY p.at DESC, p.seq DESC;

-- name: CaseByReference :one
SELECT * FROM cases WHERE reference = $1;

-- name: PutFound :exec
INSERT INTO found (case_id, account_id, situation, at, seq) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (case_id, account_id, situation) DO NOTHING;

-- name: FoundOfCase :many
SELECT * FROM found WHERE case_id = $1 ORDER BY at, seq;

-- name: InsertHandOff :execrows
INSERT INTO hand_offs (case_id, kind, address, address_hash, message, evidence, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (case_id, kind) DO NOTHING;

-- name: HandOff :one
SELECT * FROM hand_offs WHERE case_id = $1 AND kind = $2;

-- name: SetTicket :exec
UPDATE hand_offs SET ticket = $1 WHERE case_id = $2 AND kind = $3 AND ticket = '';

-- name: InsertAudit :exec
INSERT INTO audit (reference, seq, at, act, address_hash, detail, actor) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: AuditOfReference :many
SELECT * FROM audit WHERE reference = $1 ORDER BY at, seq;
