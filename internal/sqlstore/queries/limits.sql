-- The lock is of the name, since two transactions at the edge of a bucket write different rows: neither
-- would see what the other counted.

-- name: Count :exec
INSERT INTO counters (name, bucket, n, expires_at) VALUES (
    $1 /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT) */, $2, $3, $4
)
ON CONFLICT (name, bucket) DO UPDATE SET
    n = counters.n + excluded.n,
    expires_at = CASE WHEN excluded.expires_at > counters.expires_at THEN excluded.expires_at
        ELSE counters.expires_at END;

-- name: Counted :one
SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) AS n FROM counters WHERE name = $1 AND bucket > sqlc.arg(start);

-- name: Claim :execrows
INSERT INTO claims (name, ends_at) VALUES (sqlc.arg(name), sqlc.arg(until))
ON CONFLICT (name) DO UPDATE SET ends_at = excluded.ends_at WHERE claims.ends_at <= sqlc.arg(now);

-- name: Release :exec
DELETE FROM claims WHERE name = $1;

-- name: PutStop :exec
INSERT INTO stops (address_hash, ends_at) VALUES ($1, $2)
ON CONFLICT (address_hash) DO UPDATE SET ends_at = excluded.ends_at;

-- name: LiftStop :exec
DELETE FROM stops WHERE address_hash = $1;

-- name: Stopped :one
SELECT EXISTS (SELECT 1 FROM stops WHERE address_hash = $1 AND ends_at > sqlc.arg(now));
