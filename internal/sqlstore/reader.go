package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// reader is the look-ups, on the pool of readers or within a transaction. What each returns is said in
// recovery.Reader.
type reader struct{ q *queries.Queries }

func (r reader) SessionByID(ctx context.Context, idHash string, now time.Time) (recovery.Session, error) {
	row, err := r.q.SessionByIDHash(ctx, queries.SessionByIDHashParams{IDHash: idHash, Now: millis(now)})
	if err != nil {
		return recovery.Session{}, wrap("session", err)
	}
	return sessionOf(row)
}

func (r reader) Case(ctx context.Context, id string) (recovery.Case, error) {
	row, err := r.q.CaseByID(ctx, id)
	return caseOf(row), wrap("case", err)
}

func (r reader) CaseByReference(ctx context.Context, reference string) (recovery.Case, error) {
	row, err := r.q.CaseByReference(ctx, reference)
	return caseOf(row), wrap("case by reference", err)
}

func (r reader) Challenge(ctx context.Context, id string) (recovery.Challenge, error) {
	row, err := r.q.ChallengeByID(ctx, id)
	return challengeOf(row), wrap("challenge", err)
}

func (r reader) CaseChallenges(ctx context.Context, caseID string) ([]recovery.Challenge, error) {
	rows, err := r.q.ChallengesOfCase(ctx, caseID)
	return each("challenges of a case", rows, err, challengeOf)
}

func (r reader) Proofs(ctx context.Context, lineage string, now time.Time) ([]recovery.Proof, error) {
	rows, err := r.q.ProofsOfLineage(ctx, queries.ProofsOfLineageParams{Lineage: lineage, Now: millis(now)})
	return each("proofs", rows, err, proofOf)
}

func (r reader) CaseAndProofs(
	ctx context.Context, id, lineage string, now time.Time,
) (recovery.Case, []recovery.Proof, error) {
	rows, err := r.q.CaseAndProofs(ctx, queries.CaseAndProofsParams{ID: id, Lineage: lineage, Now: millis(now)})
	if err != nil {
		return recovery.Case{}, nil, wrap("case and proofs", err)
	}
	if len(rows) == 0 {
		return recovery.Case{}, nil, recovery.ErrNotFound
	}
	var proofs []recovery.Proof
	for _, row := range rows {
		if row.ExpiresAt == 0 {
			continue // there is none
		}
		proofs = append(proofs, proofOf(queries.Proof{
			Lineage: lineage, AddressHash: row.ProvenHash, CaseID: row.ProvenCase, Address: row.ProvenAddress,
			Via: row.Via, At: row.At, SeenAt: row.SeenAt, ExpiresAt: row.ExpiresAt,
		}))
	}
	return caseOf(rows[0].Case), proofs, nil
}

func (r reader) CaseProofs(ctx context.Context, caseID string) ([]recovery.Proof, error) {
	rows, err := r.q.ProofsOfCase(ctx, caseID)
	return each("proofs of a case", rows, err, proofOf)
}

func (r reader) Deliveries(ctx context.Context, caseID string) ([]recovery.Delivery, error) {
	rows, err := r.q.DeliveriesOfCase(ctx, caseID)
	return each("deliveries", rows, err, deliveryOf)
}

func (r reader) HandOff(
	ctx context.Context, caseID string, kind recovery.HandOffKind,
) (recovery.HandOff, error) {
	row, err := r.q.HandOff(ctx, queries.HandOffParams{CaseID: caseID, Kind: string(kind)})
	return handOffOf(row), wrap("hand-off", err)
}

func (r reader) Found(ctx context.Context, caseID string) ([]recovery.FoundRecord, error) {
	rows, err := r.q.FoundOfCase(ctx, caseID)
	return each("found", rows, err, foundOf)
}

func (r reader) Audit(ctx context.Context, reference string) ([]recovery.AuditEntry, error) {
	rows, err := r.q.AuditOfReference(ctx, reference)
	return each("audit", rows, err, auditOf)
}

func (r reader) Stopped(ctx context.Context, addressHash string, now time.Time) (bool, error) {
	stopped, err := r.q.Stopped(ctx, queries.StoppedParams{AddressHash: addressHash, Now: millis(now)})
	return stopped, wrap("stopped", err)
}

func (r reader) MailSpent(ctx context.Context, of recovery.MailSums) (recovery.MailSpent, error) {
	row, err := r.q.MailSpent(ctx, queries.MailSpentParams{
		AddressHash: of.AddressHash, Now: millis(of.Now),
		AllMail: of.All, Network: of.Network, Mailbox: of.Mailbox,
		Hour: millis(of.Hour), Day: millis(of.Day),
		Slice: of.Slice.Milliseconds(), Slot: of.Slot.Milliseconds(),
	})
	return recovery.MailSpent{
		Stopped: row.Stopped, All: int(row.AllHour), Network: int(row.NetworkHour),
		MailboxHour: int(row.MailboxHour), MailboxDay: int(row.MailboxDay),
		ShareHour: int(row.ShareHour), ShareDay: int(row.ShareDay),
	}, wrap("mail spent", err)
}

func (r reader) Counted(ctx context.Context, key string, from time.Time) (int, error) {
	n, err := r.q.Counted(ctx, queries.CountedParams{Name: key, Start: millis(from)})
	return int(n), wrap("counted", err)
}
