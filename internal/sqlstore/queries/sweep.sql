-- name: SweepSessions :execrows
DELETE FROM sessions WHERE lineage IN (
    SELECT s.lineage FROM sessions s WHERE s.expires_at < sqlc.arg(before) ORDER BY s.expires_at
    LIMIT sqlc.arg(at_most)
);

-- name: SweepProofs :execrows
DELETE FROM proofs WHERE (lineage, address_hash) IN (
    SELECT p.lineage, p.address_hash FROM proofs p WHERE p.expires_at < sqlc.arg(before)
    ORDER BY p.expires_at LIMIT sqlc.arg(at_most)
);

-- name: SweepIdentityProofs :execrows
DELETE FROM identity_proofs WHERE (lineage, provider, subject) IN (
    SELECT p.lineage, p.provider, p.subject FROM identity_proofs p WHERE p.expires_at < sqlc.arg(before)
    ORDER BY p.expires_at LIMIT sqlc.arg(at_most)
);

-- name: SweepIdentityRequests :execrows
DELETE FROM identity_requests WHERE id IN (
    SELECT r.id FROM identity_requests r WHERE r.expires_at < sqlc.arg(before) ORDER BY r.expires_at
    LIMIT sqlc.arg(at_most)
);

-- name: SweepAudit :execrows
DELETE FROM audit WHERE (reference, seq) IN (
    SELECT a.reference, a.seq FROM audit a WHERE a.at < sqlc.arg(before) ORDER BY a.at LIMIT sqlc.arg(at_most)
);

-- name: SweepNotices :execrows
DELETE FROM other_notices WHERE id IN (
    SELECT n.id FROM other_notices n WHERE n.created_at < sqlc.arg(before) ORDER BY n.created_at
    LIMIT sqlc.arg(at_most)
);

-- name: SweepCounters :execrows
DELETE FROM counters WHERE (name, bucket) IN (
    SELECT c.name, c.bucket FROM counters c WHERE c.expires_at < sqlc.arg(now) ORDER BY c.expires_at
    LIMIT sqlc.arg(at_most)
);

-- name: SweepClaims :execrows
DELETE FROM claims WHERE name IN (
    SELECT c.name FROM claims c WHERE c.ends_at < sqlc.arg(now) ORDER BY c.ends_at LIMIT sqlc.arg(at_most)
);

-- name: SweepStops :execrows
DELETE FROM stops WHERE address_hash IN (
    SELECT s.address_hash FROM stops s WHERE s.ends_at < sqlc.arg(now) ORDER BY s.ends_at
    LIMIT sqlc.arg(at_most)
);
