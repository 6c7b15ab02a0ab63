-- name: PutSeal :exec
INSERT INTO seals (seal, at) VALUES ($1, $2) ON CONFLICT (seal) DO NOTHING;

-- name: Seals :many
SELECT seal FROM seals ORDER BY at, seal;
