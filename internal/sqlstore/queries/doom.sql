-- A case goes with all that is its own. Which ones is written to doomed first, by Sweep or by Erase.

-- A hand-off that no desk has taken keeps its case, and so does the note that it was disowned.

-- name: DoomOld :exec
INSERT INTO doomed (case_id)
SELECT c.id FROM cases c
WHERE c.created_at < sqlc.arg(before) AND c.ended_at < sqlc.arg(before)
    AND NOT EXISTS (SELECT 1 FROM challenges h WHERE h.case_id = c.id
        AND (h.created_at >= sqlc.arg(before) OR h.used_at >= sqlc.arg(before) OR h.expires_at > sqlc.arg(now)))
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.case_id = c.id
        AND (d.created_at >= sqlc.arg(before) OR d.changed_at >= sqlc.arg(before)
            OR (d.channel = 'desk' AND d.kind IN ('ticket', 'disowned', 'note-disowned') AND d.state = 'queued')))
    AND NOT EXISTS (SELECT 1 FROM hand_offs o WHERE o.case_id = c.id AND o.created_at >= sqlc.arg(before))
    AND NOT EXISTS (SELECT 1 FROM found f WHERE f.case_id = c.id AND f.at >= sqlc.arg(before))
ORDER BY c.created_at LIMIT sqlc.arg(at_most) /* postgres: FOR UPDATE OF c SKIP LOCKED */;

-- name: DoomAddress :exec
INSERT INTO doomed (case_id)
SELECT c.id FROM cases c WHERE c.address_hash = sqlc.arg(address_hash)
UNION SELECT h.case_id FROM challenges h WHERE h.address_hash = sqlc.arg(address_hash) AND h.elsewhere <> 0
UNION SELECT o.case_id FROM hand_offs o WHERE o.address_hash = sqlc.arg(address_hash)
UNION SELECT c.id FROM cases c JOIN proofs p ON p.case_id = c.id WHERE p.address_hash = sqlc.arg(address_hash)
UNION SELECT c.id FROM cases c JOIN identity_proofs i ON i.case_id = c.id
    WHERE i.email_hash = sqlc.arg(address_hash) AND i.email_hash <> ''
UNION SELECT c.id FROM cases c JOIN audit a ON a.reference = c.reference
    WHERE a.address_hash = sqlc.arg(address_hash) AND a.address_hash <> '';

-- LockDoomed is for PostgreSQL alone: whoever is still writing to one of the cases is waited for, and
-- nobody begins to.

-- name: LockDoomed :exec
SELECT c.id FROM cases c WHERE c.id IN (SELECT x.case_id FROM doomed x)
ORDER BY c.id /* postgres: FOR UPDATE */;

-- name: DeleteDoomedProofs :execrows
DELETE FROM proofs WHERE case_id IN (SELECT x.case_id FROM doomed x)
    OR lineage IN (
        SELECT s.lineage FROM sessions s WHERE s.case_id <> '' AND s.case_id IN (SELECT x.case_id FROM doomed x)
    );

-- name: DeleteDoomedIdentityProofs :execrows
DELETE FROM identity_proofs WHERE case_id IN (SELECT x.case_id FROM doomed x)
    OR lineage IN (
        SELECT s.lineage FROM sessions s WHERE s.case_id <> '' AND s.case_id IN (SELECT x.case_id FROM doomed x)
    );

-- name: DeleteDoomedIdentityRequests :execrows
DELETE FROM identity_requests WHERE case_id IN (SELECT x.case_id FROM doomed x)
    OR lineage IN (
        SELECT s.lineage FROM sessions s WHERE s.case_id <> '' AND s.case_id IN (SELECT x.case_id FROM doomed x)
    );

-- name: DeleteDoomedSessions :execrows
DELETE FROM sessions WHERE case_id <> '' AND case_id IN (SELECT x.case_id FROM doomed x);

-- name: DeleteDoomedNotices :execrows
DELETE FROM other_notices WHERE id IN (
    SELECT d.notice_id FROM deliveries d WHERE d.case_id IN (SELECT x.case_id FROM doomed x)
);

-- name: DeleteDoomedDeliveries :execrows
DELETE FROM deliveries WHERE case_id IN (SELECT x.case_id FROM doomed x);

-- name: DeleteDoomedChallenges :execrows
DELETE FROM challenges WHERE case_id IN (SELECT x.case_id FROM doomed x);

-- name: DeleteDoomedHandOffs :execrows
DELETE FROM hand_offs WHERE case_id IN (SELECT x.case_id FROM doomed x);

-- name: DeleteDoomedFound :execrows
DELETE FROM found WHERE case_id IN (SELECT x.case_id FROM doomed x);

-- name: DeleteDoomedCases :execrows
DELETE FROM cases WHERE id IN (SELECT x.case_id FROM doomed x);

-- name: ClearDoomed :execrows
DELETE FROM doomed;
