package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// desk is the support desk's search: tickets by address, what it was asked, and whether it fails.
type desk struct {
	tickets map[string]time.Time
	failing func(address string) bool
	asked   []string
}

func (d *desk) FirstTicket(_ context.Context, a account.Address, from, until time.Time) (time.Time, error) {
	d.asked = append(d.asked, a.String())
	if d.failing != nil && d.failing(a.String()) {
		return time.Time{}, errors.New("the desk is away")
	}
	if at := d.tickets[a.String()]; !at.Before(from) && at.Before(until) {
		return at, nil
	}
	return time.Time{}, nil
}

func (h *house) withDesk() *desk {
	d := &desk{tickets: map[string]time.Time{}}
	h.Service = recovery.New(recovery.Deps{
		Store: h.store, Portal: h.portal, Keys: h.keys, Now: h.clock.Now, Policy: h.Policy, Tickets: d,
	})
	h.Policy.CheckPace = 0
	return d
}

func (h *house) check(want int) error {
	h.t.Helper()
	n, err := h.CheckOutcomes(h.t.Context())
	if n != want {
		h.t.Errorf("looked up %d cases, want %d (%v)", n, want, err)
	}
	return err
}

func (h *house) outcome(b *browser, id string) recovery.Outcome {
	h.t.Helper()
	c, err := h.store.Case(h.t.Context(), id)
	b.must(err)
	return c.Outcome()
}

// signedIn is a browser whose customer signed in, and its case.
func (h *house) signedIn(address string) (*browser, string) {
	h.t.Helper()
	b := h.prove(address)
	id := b.theCase().ID
	b.must(h.store.Update(h.t.Context(), func(tx recovery.Tx) error {
		return tx.Mark(h.t.Context(), id, recovery.MilestoneSignedIn, h.clock.Now())
	}))
	return b, id
}

func TestOutcomesAreLookedUpAfter48Hours(t *testing.T) {
	h := newHouse(t)
	d := h.withDesk()
	b, id := h.signedIn("zoe@example.com")
	h.clock.Pass(recovery.TicketWindow)
	b.must(h.check(0))
	if got := h.outcome(b, id); got != recovery.OutcomeNotYetKnown || len(d.asked) > 0 {
		t.Errorf("at 48 hours: %q, desk asked %q", got, d.asked)
	}
	h.clock.Pass(time.Millisecond)
	b.must(h.check(1))
	if got := h.outcome(b, id); got != recovery.OutcomeDeflected || !slices.Equal(d.asked, []string{"zoe@example.com"}) {
		t.Errorf("after 48 hours: %q, desk asked %q", got, d.asked)
	}
	b.must(h.check(0)) // once
}

func TestATicketWithin48HoursCounts(t *testing.T) {
	h := newHouse(t)
	d := h.withDesk()
	early, earlyID := h.signedIn("early@example.com")
	_, lateID := h.signedIn("late@example.com")
	_, beforeID := h.signedIn("before@example.com")
	proven := h.clock.Now()
	d.tickets["early@example.com"] = proven.Add(recovery.TicketWindow - time.Millisecond)
	d.tickets["late@example.com"] = proven.Add(recovery.TicketWindow)
	d.tickets["before@example.com"] = proven.Add(-time.Hour)
	h.clock.Pass(recovery.TicketWindow + time.Hour)
	early.must(h.check(3))
	for id, want := range map[string]recovery.Outcome{
		earlyID: recovery.OutcomeTicket, lateID: recovery.OutcomeDeflected, beforeID: recovery.OutcomeDeflected,
	} {
		if got := h.outcome(early, id); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Every address that was proven in the case counts, the one that is not looked at any more as well, and when its
// proofs are long gone.
func TestEveryProvenAddressCounts(t *testing.T) {
	h := newHouse(t)
	d := h.withDesk()
	b, id := h.signedIn("first@example.com")
	b.start("second@example.com")
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	b.start("never-proven@example.com")
	h.clock.Pass(recovery.TicketWindow + time.Hour)
	_, err := h.Sweep(t.Context())
	b.must(err)
	d.tickets["first@example.com"] = h.clock.Now().Add(-2 * time.Hour)
	b.must(h.check(1))
	if got := h.outcome(b, id); got != recovery.OutcomeTicket || slices.Contains(d.asked, "never-proven@example.com") {
		t.Errorf("outcome %q, desk asked %q", got, d.asked)
	}
}

// Without a desk that can be asked, our own hand-offs are what is known: those of the address in other cases.
func TestOwnHandOffsCount(t *testing.T) {
	h := newHouse(t)
	b, id := h.signedIn("zoe@example.com")
	other, _ := h.signedIn("other@example.com")
	h.clock.Pass(time.Hour)
	later := h.prove("Zoe@example.com")
	later.must(later.do(func(ctx context.Context, v *recovery.Visitor) error { return h.HandOff(ctx, v, "Please help.") }))
	laterID := later.theCase().ID
	h.clock.Pass(recovery.TicketWindow)
	b.must(h.check(2))
	if got := h.outcome(b, id); got != recovery.OutcomeTicket {
		t.Errorf("signed in, and another case became a ticket: %q", got)
	}
	h.clock.Pass(2 * time.Hour)
	b.must(h.check(1))
	if c, err := h.store.Case(t.Context(), laterID); err != nil || c.Outcome() != recovery.OutcomeTicket || !c.Milestones.Ticket.IsZero() {
		t.Errorf("the case that was handed off: %q, ticket at %s (%v)", c.Outcome(), c.Milestones.Ticket, err)
	}
	_ = other
}

// A desk that fails for one address does not keep the others from being looked up, and is asked again later.
func TestADeskThatFailsLeavesItForLater(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { *p = p.Scale(100) })
	d := h.withDesk()
	var b *browser
	ids := map[string]string{}
	for i := range 8 {
		address := fmt.Sprintf("p%d@example.com", i)
		b, ids[address] = h.signedIn(address)
		h.clock.Pass(time.Second)
	}
	h.clock.Pass(recovery.TicketWindow)
	d.failing = func(address string) bool { return strings.Contains("p0 p1 p2 p4", address[:2]) }
	err := h.check(0) // gives up after three
	if err == nil || strings.Contains(err.Error(), "@") || len(d.asked) != 3 {
		t.Errorf("error %v, asked %q", err, d.asked)
	}
	if h.check(4) == nil { // goes on behind them
		t.Error("no error though the desk failed once")
	}
	if got := h.outcome(b, ids["p4@example.com"]); got != recovery.OutcomeNotYetKnown {
		t.Errorf("the desk did not say, and the outcome is %q", got)
	}
	d.failing = nil
	b.must(h.check(4))
	for address, id := range ids {
		if got := h.outcome(b, id); got != recovery.OutcomeDeflected {
			t.Errorf("%s: %q", address, got)
		}
	}
}

// A run has so much time. A case with hundreds of mailboxes takes all of it, whenever it is its turn: what was found out
// of the cases before it stands, and the next run goes on behind it.
func TestARunThatIsOutOfTimeKeepsWhatItFound(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { *p = p.Scale(100) })
	d := h.withDesk()
	ids := map[string]string{}
	var b *browser
	for _, address := range []string{"ann@example.com", "eve@example.org", "zoe@example.com"} {
		b, ids[address] = h.signedIn(address)
		h.clock.Pass(time.Second)
	}
	h.clock.Pass(recovery.TicketWindow)
	ctx, cancel := context.WithCancel(t.Context())
	d.failing = func(address string) bool {
		if address == "eve@example.org" {
			cancel()
		}
		return address == "eve@example.org"
	}
	if n, err := h.CheckOutcomes(ctx); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("looked up %d cases (%v), want the one before time was up", n, err)
	}
	b.must(h.check(1))
	for address, want := range map[string]recovery.Outcome{
		"ann@example.com": recovery.OutcomeDeflected, "eve@example.org": recovery.OutcomeNotYetKnown, "zoe@example.com": recovery.OutcomeDeflected,
	} {
		if got := h.outcome(b, ids[address]); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// One run asks about so many cases and leaves the rest for the next.
func TestARunOfTheCheckIsBounded(t *testing.T) {
	h := newHouse(t)
	d := h.withDesk()
	const n = 260
	proven := h.clock.Now()
	if err := h.store.Update(t.Context(), func(tx recovery.Tx) error {
		for i := range n {
			id := fmt.Sprint("case-", i)
			c := recovery.Case{ID: id, Reference: id, CreatedAt: proven, Address: "zoe@example.com", AddressHash: "hash"}
			if err := errors.Join(tx.InsertCase(t.Context(), c), tx.Mark(t.Context(), id, recovery.MilestoneProven, proven),
				tx.PutAudit(t.Context(), recovery.AuditEntry{Reference: id, Act: recovery.ActProven, AddressHash: "hash", At: proven})); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	h.clock.Pass(recovery.TicketWindow + time.Second)
	if err := h.check(250); err != nil {
		t.Error(err)
	}
	if err := h.check(n - 250); err != nil || len(d.asked) != n {
		t.Errorf("desk asked %d times, want %d (%v)", len(d.asked), n, err)
	}
}
