-- The report reads what its period holds once: cases, their times to proof, deliveries. No index is kept for
-- it, which every start would have to pay for; and the one of created_at is kept out of it by a sum, since a
-- period holds most of what is kept and a look-up of each row costs five times as much as reading all.
--
-- What the columns count is said by recovery.Tally. The rule of an outcome stands in recovery.Case.Outcome as
-- well; a test holds the two together.

-- name: ReportCases :many
SELECT
    day, language, entry, situation, COUNT(*) AS started,
    COUNT(*) FILTER (WHERE proven) AS proven,
    COUNT(*) FILTER (WHERE explained) AS explained,
    COUNT(*) FILTER (WHERE acted) AS acted,
    COUNT(*) FILTER (WHERE proven AND support) AS handed_off,
    COUNT(*) FILTER (WHERE proven AND NOT support AND got_in) AS signed_in,
    COUNT(*) FILTER (WHERE proven AND NOT known) AS not_yet_known,
    COUNT(*) FILTER (WHERE proven AND known AND (support OR ticket)) AS ticket,
    COUNT(*) FILTER (WHERE proven AND known AND NOT support AND NOT ticket AND got_in) AS deflected,
    COUNT(*) FILTER (WHERE scans <> 0) AS scanned,
    CAST(SUM(scans) AS BIGINT) AS scans
FROM (
    SELECT
        CAST(c.created_at / 86400000 AS BIGINT) AS day, c.language, c.entry, c.situation,
        c.proven_at <> 0 AS proven, c.explained_at <> 0 AS explained, c.acted_at <> 0 AS acted,
        c.handed_off_at <> 0 OR c.ended_at <> 0 AS support,
        c.ticket_at <> 0 AS ticket,
        c.signed_in_at <> 0 AND c.signed_in_at >= c.not_in_at
            OR c.got_in_at <> 0 AND c.got_in_at >= c.not_in_at AS got_in,
        c.checked_at <> 0 AS known,
        c.unpressed AS scans
    FROM cases c WHERE c.created_at + 0 >= sqlc.arg(since) AND c.created_at < sqlc.arg(until)
) AS x
GROUP BY day, language, entry, situation;

-- A case that a proof link opened in another browser began with its proof, so it took no time.

-- name: ReportTimesToProof :many
SELECT CAST((c.proven_at - c.created_at) / 1000 AS BIGINT) AS seconds, COUNT(*) AS cases
FROM cases c
WHERE c.created_at + 0 >= sqlc.arg(since) AND c.created_at < sqlc.arg(until) AND c.proven_at <> 0 AND c.entry <> 'link'
GROUP BY 1 ORDER BY 1;

-- The job behind a blind mail is none itself.

-- name: ReportDeliveries :many
SELECT d.kind, d.state, d.reason, COUNT(*) AS deliveries
FROM deliveries d
WHERE d.created_at >= sqlc.arg(since) AND d.created_at < sqlc.arg(until) AND d.kind <> 'find-other'
GROUP BY d.kind, d.state, d.reason ORDER BY d.kind, d.state, d.reason;
