package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"latchkey/internal/recovery"
)

// MonthConfig is what FillMonth works with.
type MonthConfig struct {
	Store recovery.Store
	// Hash is the keyed hash of an address in its canonical form, in which all addresses of the month are.
	Hash func(address string) string
	Now  time.Time
}

// FillMonth writes cases of the last 30 days that never were, so that the report has something to show. They
// come from a fixed seed, the same every time but for the moment that they lead up to. Nothing of them can be
// used: no challenge, no session, no proof, no mail that still has to go out; and no limit counts them.
func FillMonth(ctx context.Context, c MonthConfig) error {
	m := &month{MonthConfig: c, random: rand.New(rand.NewPCG(2026, 11)), references: map[string]bool{}}
	samples := make([]sampleCase, 0, monthCases)
	for _, begun := range m.beginnings() {
		samples = append(samples, m.draw(begun))
	}
	return c.Store.Update(ctx, func(tx recovery.Tx) error {
		for _, s := range samples {
			if err := s.write(ctx, tx); err != nil {
				return fmt.Errorf("demo: sample cases: %w", err)
			}
		}
		return nil
	})
}

const (
	monthCases = 640
	monthDays  = 30
)

// month draws the cases of a month.
type month struct {
	MonthConfig
	random     *rand.Rand
	references map[string]bool
	drawn      int
}

// beginnings are when the cases began, oldest first: most of them on weekdays, at office hours, and none before
// what is kept.
func (m *month) beginnings() []time.Time {
	const hour = time.Hour
	var all []time.Time
	first := m.Now.Add(-monthDays*24*hour + hour)
	for t, left := first, m.Now.Sub(first)-10*time.Minute; left > 0; t, left = t.Add(hour), left-hour {
		part := float64(monthCases) / (monthDays * 24) * busy(t)
		for n := int(part + m.random.Float64()); n > 0; n-- {
			all = append(all, t.Add(time.Duration(m.random.Int64N(int64(min(hour, left))))))
		}
	}
	return all
}

// busy is how many begin in an hour against the average.
func busy(t time.Time) float64 {
	factor := .35
	if h := t.UTC().Hour(); h >= 7 && h < 18 {
		factor = 1.85
	}
	if day := t.UTC().Weekday(); day == time.Saturday || day == time.Sunday {
		return factor * .35
	}
	return factor * 1.25
}

// sampleCase is the rows of one case.
type sampleCase struct {
	theCase    recovery.Case
	milestones []reached
	found      []recovery.FoundRecord
	deliveries []recovery.Delivery
	handOff    *recovery.HandOff
	audit      []recovery.AuditEntry
	unpressed  int
}

type reached struct {
	milestone recovery.Milestone
	at        time.Time
}

func (s sampleCase) write(ctx context.Context, tx recovery.Tx) error {
	if err := tx.InsertCase(ctx, s.theCase); err != nil {
		return err
	}
	for _, r := range s.milestones {
		if err := tx.Mark(ctx, s.theCase.ID, r.milestone, r.at); err != nil {
			return err
		}
	}
	for _, f := range s.found {
		if err := tx.PutFound(ctx, f); err != nil {
			return err
		}
	}
	for _, d := range s.deliveries {
		if err := tx.InsertDelivery(ctx, d); err != nil {
			return err
		}
	}
	for _, e := range s.audit {
		if err := tx.PutAudit(ctx, e); err != nil {
			return err
		}
	}
	if s.handOff != nil {
		if _, err := tx.InsertHandOff(ctx, *s.handOff); err != nil {
			return err
		}
	}
	if s.unpressed == 0 {
		return nil
	}
	return tx.CountUnpressed(ctx, s.theCase.ID, s.unpressed)
}

// reach notes a step: in the audit trail, as the case's last act, and as what it reached.
func (s *sampleCase) reach(act, detail string, at time.Time, milestones ...recovery.Milestone) {
	s.theCase.LastAct = act
	s.audit = append(s.audit, recovery.AuditEntry{
		At: at, Reference: s.theCase.Reference, Act: act, AddressHash: s.theCase.AddressHash, Detail: detail,
	})
	for _, m := range milestones {
		s.milestones = append(s.milestones, reached{m, at})
	}
}

// mail notes a delivery that is over.
func (m *month) mail(s *sampleCase, kind recovery.Kind, at time.Time, failing float64) recovery.State {
	d := recovery.Delivery{
		ID: m.id(), Kind: kind, CaseID: s.theCase.ID, State: recovery.StateDelivered, Attempts: 1,
		CreatedAt: at, DueAt: at, AcceptedAt: at.Add(time.Second), ChangedAt: at.Add(m.about(6 * time.Second)),
	}
	switch drawn := m.random.Float64(); {
	case drawn < failing:
		d.State, d.Reason, d.AcceptedAt = recovery.StateFailed, recovery.ReasonRefused, time.Time{}
		if m.random.IntN(4) == 0 {
			d.Reason = recovery.ReasonCapped
		}
	case drawn < failing+.05:
		d.State = recovery.StateAccepted
	case drawn < failing+.07:
		d.State = recovery.StateDelayed
	}
	s.deliveries = append(s.deliveries, d)
	return d.State
}

// evidence is what went along with a hand-off.
func (s *sampleCase) evidence(proven time.Time) []byte {
	findings, err := json.Marshal(map[string]any{"findings": []any{map[string]string{"situation": s.found[0].Situation}}})
	if err != nil {
		return nil
	}
	e, err := recovery.DecodeEvidence(findings)
	if err != nil {
		return nil
	}
	e.Reference, e.Language, e.Browser, e.Entry = s.theCase.Reference, s.theCase.Language, s.theCase.Browser, s.theCase.Entry
	e.StartedAt = s.theCase.CreatedAt
	e.Proven = []recovery.EvidenceProof{{Address: s.theCase.Address, Via: recovery.ViaCode, At: proven}}
	for _, a := range s.audit {
		e.Acts = append(e.Acts, recovery.EvidenceAct{At: a.At, Act: a.Act, Detail: a.Detail})
	}
	for _, d := range s.deliveries {
		e.Mails = append(e.Mails, recovery.EvidenceDelivery{Kind: d.Kind, State: d.State, Reason: d.Reason, At: d.ChangedAt})
	}
	encoded, err := json.Marshal(e)
	if err != nil {
		return nil
	}
	return encoded
}
