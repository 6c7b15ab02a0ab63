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

-- name: CountAll :exec
WITH k (name) AS (VALUES (CAST(sqlc.arg(first) AS TEXT)), (CAST(sqlc.arg(second) AS TEXT)), (CAST(sqlc.arg(third) AS TEXT)))
INSERT INTO counters (name, bucket, n, expires_at)
SELECT k.name /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended(k.name, 0)) AS TEXT) */,
    CAST(sqlc.arg(bucket) AS BIGINT), CAST(sqlc.arg(n) AS BIGINT), CAST(sqlc.arg(expires_at) AS BIGINT)
FROM k WHERE k.name <> ''
ON CONFLICT (name, bucket) DO UPDATE SET
    n = counters.n + excluded.n,
    expires_at = CASE WHEN excluded.expires_at > counters.expires_at THEN excluded.expires_at
        ELSE counters.expires_at END;

-- name: MailSpent :one
SELECT EXISTS (SELECT 1 FROM stops s WHERE s.address_hash = sqlc.arg(address_hash) AND s.ends_at > sqlc.arg(now)) AS stopped,
    CAST((SELECT COALESCE(SUM(c.n), 0) FROM counters c WHERE c.name = sqlc.arg(key_1) AND c.bucket > sqlc.arg(from_1)) AS BIGINT) AS n_1,
    CAST((SELECT COALESCE(SUM(c.n), 0) FROM counters c WHERE c.name = sqlc.arg(key_2) AND c.bucket > sqlc.arg(from_2)) AS BIGINT) AS n_2,
    CAST((SELECT COALESCE(SUM(c.n), 0) FROM counters c WHERE c.name = sqlc.arg(key_3) AND c.bucket > sqlc.arg(from_3)) AS BIGINT) AS n_3,
    CAST((SELECT COALESCE(SUM(c.n), 0) FROM counters c WHERE c.name = sqlc.arg(key_4) AND c.bucket > sqlc.arg(from_4)) AS BIGINT) AS n_4,
    CAST((SELECT COALESCE(SUM(c.n), 0) FROM counters c WHERE c.name = sqlc.arg(key_5) AND c.bucket > sqlc.arg(from_5)) AS BIGINT) AS n_5,
    CAST((SELECT COALESCE(SUM(c.n), 0) FROM counters c WHERE c.name = sqlc.arg(key_6) AND c.bucket > sqlc.arg(from_6)) AS BIGINT) AS n_6;

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
