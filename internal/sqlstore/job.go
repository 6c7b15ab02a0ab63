package sqlstore

import (
	"context"
	"math"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// jobParts are the rows that the deliveries of one lease name.
type jobParts struct {
	challenges map[string]*recovery.Challenge
	handOffs   map[handOffKey]*recovery.HandOff
	notices    map[string]*recovery.OtherNotice
	proven     map[string][]string // by case
}

type handOffKey struct {
	caseID string
	kind   recovery.HandOffKind
}

func (t *tx) parts(ctx context.Context, lease int64) (jobParts, error) {
	challenges, err := t.q.LeasedChallenges(ctx, lease)
	if err != nil {
		return jobParts{}, err
	}
	handOffs, err := t.q.LeasedHandOffs(ctx, lease)
	if err != nil {
		return jobParts{}, err
	}
	notices, err := t.q.LeasedNotices(ctx, lease)
	return jobParts{
		challenges: byKey(challenges, challengeOf, func(c queries.Challenge) string { return c.ID }),
		handOffs:   byKey(handOffs, handOffOf, handOffKeyOf),
		notices:    byKey(notices, noticeOf, func(n queries.OtherNotice) string { return n.ID }),
	}, err
}

func addressesOf(rows []queries.LeasedProvenRow) map[string][]string {
	addresses := map[string][]string{}
	for _, row := range rows {
		addresses[row.CaseID] = append(addresses[row.CaseID], row.Address)
	}
	return addresses
}

func handOffKeyOf(h queries.HandOff) handOffKey {
	return handOffKey{h.CaseID, recovery.HandOffKind(h.Kind)}
}

func byKey[Key comparable, Row, Value any](
	rows []Row, value func(Row) Value, key func(Row) Key,
) map[Key]*Value {
	values := make(map[Key]*Value, len(rows))
	for _, row := range rows {
		v := value(row)
		values[key(row)] = &v
	}
	return values
}

func (p jobParts) job(d recovery.Delivery, c recovery.Case) recovery.Job {
	job := recovery.Job{
		Delivery: d, Case: c,
		Challenge: p.challenges[d.ChallengeID], Aside: p.challenges[d.AsideID],
	}
	switch d.Kind {
	case recovery.KindTicket, recovery.KindHandedOff, recovery.KindNoteDisowned:
		job.HandOff = p.handOffs[handOffKey{d.CaseID, recovery.HandOffSupport}]
	case recovery.KindDisowned:
		job.HandOff = p.handOffs[handOffKey{d.CaseID, recovery.HandOffDisown}]
	case recovery.KindFindOther, recovery.KindOtherAddress:
		job.Notice = p.notices[d.NoticeID]
	}
	if d.Kind.Ending() != "" {
		job.Proven = p.proven[d.CaseID]
	}
	return job
}

// atMost is n as a LIMIT; SQLite takes a negative one for none.
func atMost(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }
