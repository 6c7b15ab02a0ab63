-- name: InsertCase :execrows
INSERT INTO cases (
    id, reference, created_at, language, entry, browser, address, address_hash, last_act, ended_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (reference) DO NOTHING;

-- name: UpdateCase :execrows
UPDATE cases SET address = $1, address_hash = $2, last_act = $3, language = $4, ended_at = $5
WHERE id = $6;

-- name: CaseByID :one
SELECT * FROM cases WHERE id = $1;

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

-- name: InsertAudit :exec
INSERT INTO audit (reference, seq, at, act, address_hash, detail) VALUES ($1, $2, $3, $4, $5, $6);

-- name: AuditOfReference :many
SELECT * FROM audit WHERE reference = $1 ORDER BY at, seq;
