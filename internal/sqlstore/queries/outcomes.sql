-- name: UncheckedCases :many
SELECT * FROM cases
WHERE proven_at <> 0 AND checked_at = 0 AND proven_at < sqlc.arg(before)
    AND (proven_at > sqlc.arg(after_at) OR proven_at = sqlc.arg(after_at) AND id > sqlc.arg(after_id))
ORDER BY proven_at, id LIMIT sqlc.arg(at_most);

-- name: ProvenHashes :many
SELECT DISTINCT address_hash FROM audit WHERE reference = $1 AND act = 'proven' AND address_hash <> '';

-- The audit trail knows hashes alone, and proofs are gone by now; a case or a challenge has the address itself,
-- perhaps that of another case, whose link was opened in this one's browser.

-- name: AddressOfHash :one
SELECT k.address FROM (
    SELECT c.address, c.created_at FROM cases c WHERE c.address_hash = $1
    UNION ALL SELECT h.address, h.created_at FROM challenges h
    WHERE h.address_hash = $1 AND h.elsewhere <> 0 AND h.purpose = 'prove'
) k
ORDER BY k.created_at DESC LIMIT 1;

-- A case's own request to support is no ticket that came besides.

-- name: FirstHandOff :one
SELECT CAST(COALESCE(MIN(h.created_at), 0) AS BIGINT) FROM hand_offs h
WHERE h.address_hash = sqlc.arg(address_hash) AND h.created_at >= sqlc.arg(since) AND h.created_at < sqlc.arg(until)
    AND NOT (h.case_id = sqlc.arg(case_id) AND h.kind = 'support');

-- name: SetSituation :exec
UPDATE cases SET situation = $1 WHERE id = $2 AND situation = '';

-- name: CountUnpressed :exec
UPDATE cases SET unpressed = CASE WHEN unpressed + CAST(sqlc.arg(n) AS BIGINT) > 0 THEN unpressed + sqlc.arg(n) ELSE 0 END
WHERE id = sqlc.arg(id);
