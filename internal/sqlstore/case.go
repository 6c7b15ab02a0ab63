package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// tx is one transaction. What its methods do is said in recovery.Tx.
type tx struct {
	reader
	next  func() int64
	locks bool   // others write at the same time
	mine  string // id of the case that this transaction has locked, or made
	made  recovery.Case
	read  recovery.Case // as this transaction has read it last
	// counted is the id of a case with challenges on which this transaction has counted a try: it holds them,
	// and without them the case cannot go.
	counted string
}

var _ recovery.Tx = (*tx)(nil)

func (t *tx) InsertCase(ctx context.Context, c recovery.Case) error {
	t.mine, t.made = c.ID, c
	return referenceTaken(wrap("insert case", t.q.InsertCase(ctx, queries.InsertCaseParams{
		ID: c.ID, Reference: c.Reference, CreatedAt: millis(c.CreatedAt), Language: c.Language,
		Entry: string(c.Entry), Browser: c.Browser, Address: c.Address, AddressHash: c.AddressHash,
		LastAct: c.LastAct, EndedAt: millis(c.EndedAt), Ticket: c.Ticket, Expected: c.Expected,
	})))
}

// referenceTaken tells the violation of the rule that 40 random bits can break. On PostgreSQL the insert waits,
// so that it shows at a later statement: then the transaction is run again, and draws another.
func referenceTaken(err error) error {
	if violates(err, "cases_reference_key", "cases.reference") {
		return recovery.ErrReferenceTaken
	}
	return err
}

// lock keeps other transactions from changing what belongs to the case until this one has ended.
func (t *tx) lock(ctx context.Context, caseID string) error {
	if !t.locks || t.mine == caseID {
		return nil
	}
	t.mine = caseID
	return wrap("lock case", t.q.LockCase(ctx, caseID))
}

func (t *tx) CaseAndProofs(
	ctx context.Context, id, lineage string, now time.Time,
) (c recovery.Case, proofs []recovery.Proof, err error) {
	c, proofs, err = t.reader.CaseAndProofs(ctx, id, lineage, now)
	t.read = c
	return c, proofs, err
}

func (t *tx) UpdateCase(ctx context.Context, c recovery.Case) error {
	t.made = recovery.Case{}
	if err := t.leaveAddress(ctx, c); err != nil {
		return err
	}
	if t.counted == c.ID {
		ctx = certainly(ctx)
	}
	m := c.Milestones
	rows, err := t.q.UpdateCase(ctx, queries.UpdateCaseParams{
		Address: c.Address, AddressHash: c.AddressHash, LastAct: c.LastAct, Language: c.Language,
		EndedAt: millis(c.EndedAt), ID: c.ID,
		ProvenAt: millis(m.Proven), ExplainedAt: millis(m.Explained), ActedAt: millis(m.Acted),
		SignedInAt: millis(m.SignedIn), GotInAt: millis(m.GotIn), NotInAt: millis(m.NotIn),
		HandedOffAt: millis(m.HandedOff), TicketAt: millis(m.Ticket), CheckedAt: millis(m.Checked),
	})
	if err == nil && rows == 0 {
		return recovery.ErrNotFound
	}
	return wrap("update case", err)
}

// leaveAddress has challenges of an address that the case leaves found by their own. Where the case had this address
// when it was read here, that was done by whoever gave it that.
func (t *tx) leaveAddress(ctx context.Context, c recovery.Case) error {
	if t.read.ID == c.ID && t.read.AddressHash == c.AddressHash {
		return nil
	}
	return wrap("leave address", t.q.LeaveAddress(ctx, queries.LeaveAddressParams{CaseID: c.ID, AddressHash: c.AddressHash}))
}

func (t *tx) Mark(ctx context.Context, caseID string, m recovery.Milestone, at time.Time) error {
	return wrap("mark case", t.q.MarkCase(ctx, queries.MarkCaseParams{
		Milestone: string(m), At: millis(at), ID: caseID,
	}))
}

func (t *tx) SetTicket(ctx context.Context, caseID string, kind recovery.HandOffKind, ticket string) error {
	return wrap("set ticket", t.q.SetTicket(ctx, queries.SetTicketParams{
		Ticket: ticket, CaseID: caseID, Kind: string(kind),
	}))
}

func (t *tx) InsertHandOff(ctx context.Context, h recovery.HandOff) (bool, error) {
	rows, err := t.q.InsertHandOff(ctx, queries.InsertHandOffParams{
		CaseID: h.CaseID, Kind: string(h.Kind), Address: h.Address, AddressHash: h.AddressHash,
		Message: h.Message, Evidence: string(h.Evidence), CreatedAt: millis(h.CreatedAt),
	})
	return hit("insert hand-off", rows, err)
}

func (t *tx) PutFound(ctx context.Context, f recovery.FoundRecord) error {
	err := t.q.PutFound(ctx, queries.PutFoundParams{
		CaseID: f.CaseID, AccountID: f.AccountID, Situation: f.Situation, At: millis(f.At), Seq: t.next(),
	})
	if err == nil {
		err = t.q.SetSituation(ctx, queries.SetSituationParams{Situation: f.Situation, ID: f.CaseID})
	}
	return wrap("put found", err)
}

func (t *tx) PutAudit(ctx context.Context, e recovery.AuditEntry) error {
	return wrap("put audit", t.q.InsertAudit(ctx, queries.InsertAuditParams{
		Reference: e.Reference, Seq: t.next(), At: millis(e.At), Act: e.Act,
		AddressHash: e.AddressHash, Detail: e.Detail, Actor: e.Actor,
	}))
}
