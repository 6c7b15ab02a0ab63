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

-- HoldCounter is for PostgreSQL alone.

-- name: HoldCounter :exec
SELECT CAST($1 AS TEXT) /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT) */;

-- Where everybody counts in one counter, 8 rows a millisecond apart share what a bucket of it holds, since on
-- PostgreSQL a row is held until the transaction ends that counted on it: a sum takes them in as it does one, and
-- more of them make it read more. A transaction keeps to one of them, so that no two transactions hold each a row
-- that the other waits for.

-- name: CountAside :exec
INSERT INTO counters (name, bucket, n, expires_at) VALUES ($1, $2 /* postgres: + txid_current() % 8 */, $3, $4)
ON CONFLICT (name, bucket) DO UPDATE SET
    n = counters.n + excluded.n,
    expires_at = CASE WHEN excluded.expires_at > counters.expires_at THEN excluded.expires_at
        ELSE counters.expires_at END;

-- name: CountBoth :exec
INSERT INTO counters (name, bucket, n, expires_at) VALUES
    ($1 /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT) */, sqlc.arg(bucket), sqlc.arg(n), sqlc.arg(expires_at)),
    ($2 /* postgres: || CAST(pg_advisory_xact_lock(hashtextextended($2, 0)) AS TEXT) */, sqlc.arg(bucket), sqlc.arg(n), sqlc.arg(expires_at))
ON CONFLICT (name, bucket) DO UPDATE SET
    n = counters.n + excluded.n,
    expires_at = CASE WHEN excluded.expires_at > counters.expires_at THEN excluded.expires_at
        ELSE counters.expires_at END;

-- CountBoth holds the locks of both names.

-- name: DropUncounted :exec
DELETE FROM counters WHERE name IN (sqlc.arg(first), sqlc.arg(second)) AND bucket = sqlc.arg(bucket) AND n = 0;

-- name: MailSpent :one
SELECT EXISTS (SELECT 1 FROM stops s WHERE s.address_hash = sqlc.arg(address_hash) AND s.ends_at > sqlc.arg(now)) AS stopped,
    CAST((SELECT COALESCE(SUM(a.n), 0) FROM counters a WHERE a.name = sqlc.arg(all_mail) AND a.bucket > sqlc.arg(hour)) AS BIGINT) AS all_hour,
    CAST((SELECT COALESCE(SUM(f.n), 0) FROM counters f WHERE f.name = sqlc.arg(network) AND f.bucket > sqlc.arg(hour)) AS BIGINT) AS network_hour,
    CAST(COALESCE(SUM(CASE WHEN c.bucket > sqlc.arg(hour) THEN c.n END), 0) AS BIGINT) AS mailbox_hour,
    CAST(COALESCE(SUM(c.n), 0) AS BIGINT) AS mailbox_day,
    CAST(COALESCE(SUM(CASE WHEN c.bucket > sqlc.arg(hour) AND c.bucket % sqlc.arg(slice) = sqlc.arg(slot) THEN c.n END), 0) AS BIGINT) AS share_hour,
    CAST(COALESCE(SUM(CASE WHEN c.bucket % sqlc.arg(slice) = sqlc.arg(slot) THEN c.n END), 0) AS BIGINT) AS share_day
FROM counters c WHERE c.name = sqlc.arg(mailbox) AND c.bucket > sqlc.arg(day);

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

-- name: StopsInForce :many
SELECT address_hash, ends_at FROM stops WHERE ends_at > sqlc.arg(now);
