package recovery_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// bound makes the browser's case one that a signed support link bound to a ticket.
func (h *house) bound(entry recovery.Entry, ticket string) recovery.Case {
	h.t.Helper()
	c := recovery.Case{
		ID: "case-" + string(entry) + ticket, Reference: "LK-" + string(entry) + ticket, CreatedAt: h.clock.Now(), Language: "en",
		Entry: entry, Address: "ann@example.com", Ticket: ticket,
	}
	if err := h.store.Update(h.t.Context(), func(tx recovery.Tx) error { return tx.InsertCase(h.t.Context(), c) }); err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) note(c recovery.Case, o recovery.Ending) {
	h.t.Helper()
	err := h.store.Update(h.t.Context(), func(tx recovery.Tx) error { return h.NoteEnding(h.t.Context(), tx, c, o) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestEachOutcomeIsNotedOnceOnABoundTicket(t *testing.T) {
	h := newHouse(t)
	h.DeskNotes = true
	c := h.bound(recovery.EntrySigned, "35436")
	for _, o := range []recovery.Ending{
		recovery.EndingSignedIn, recovery.EndingSignedIn, recovery.EndingGotIn, recovery.EndingNotIn,
		recovery.EndingUnknown, recovery.EndingUnknown, recovery.EndingSignedIn, "made-up",
	} {
		h.note(c, o)
	}
	deliveries, err := h.store.Deliveries(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []recovery.Kind
	for _, d := range slices.Backward(deliveries) {
		kinds = append(kinds, d.Kind)
	}
	want := []recovery.Kind{recovery.KindNoteSignedIn, recovery.KindNoteGotIn, recovery.KindNoteNotIn, recovery.KindNoteUnknown}
	if !slices.Equal(kinds, want) {
		t.Errorf("queued %v, want %v", kinds, want)
	}
}

// A signature binds, a mark in a link does not; and no note is queued for a desk that takes none.
func TestOnlyASignedLinkHasItsTicketTold(t *testing.T) {
	h := newHouse(t)
	h.DeskNotes = true
	unbound := []recovery.Case{h.bound(recovery.EntryMacro, "35436"), h.bound(recovery.EntryDirect, ""), h.bound(recovery.EntrySigned, "")}
	for _, c := range unbound {
		h.note(c, recovery.EndingSignedIn)
	}
	h.DeskNotes = false
	toMailbox := h.bound(recovery.EntrySigned, "35437")
	h.note(toMailbox, recovery.EndingSignedIn)
	for _, c := range append(unbound, toMailbox) {
		if got, err := h.store.Deliveries(t.Context(), c.ID); err != nil || len(got) != 0 {
			t.Errorf("%s: queued %v, %v", c.Reference, got, err)
		}
	}
}

// signedCase gives the browser's session a case that is bound, as the start by a signed link does.
func (b *browser) signedCase(ticket string) {
	b.h.t.Helper()
	c := b.h.bound(recovery.EntrySigned, ticket)
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		v.Session.CaseID = c.ID
		return b.h.store.Update(ctx, func(tx recovery.Tx) error { return tx.PutSession(ctx, *v.Session) })
	}))
}

func TestSigningInIsNotedOnTheTicket(t *testing.T) {
	h := newHouse(t)
	h.DeskNotes = true
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.browser()
	b.start("ann@example.com")
	b.signedCase("35436")
	b.start("ann@example.com")
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	for range 2 {
		_, err := b.signInNow("acc-ann@example.com")
		b.must(err)
	}
	if got := len(b.mails(recovery.KindNoteSignedIn)); got != 1 {
		t.Errorf("%d notes, want one", got)
	}
	jobs, err := h.store.Lease(t.Context(), recovery.ChannelDesk, "desk", h.clock.Now(), h.clock.Now().Add(1), 9)
	if err != nil || len(jobs) != 1 || !slices.Equal(jobs[0].Proven, []string{"ann@example.com"}) {
		t.Errorf("the note goes with %+v, %v", jobs, err)
	}
	b.must(b.answer(recovery.GotInNo))
	if no, yes := len(b.mails(recovery.KindNoteNotIn)), len(b.mails(recovery.KindNoteGotIn)); no != 1 || yes != 0 {
		t.Errorf("%d notes that they did not get in, %d that they did; want one and none", no, yes)
	}
}

func TestTheDesksNumberIsKept(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	b.must(b.handOff("Please help."))
	c := b.theCase()
	ticket := recovery.Ticket{Kind: recovery.HandOffSupport, Reference: c.Reference}
	for _, number := range []string{"", "77", "77", "78"} {
		b.must(h.Filed(t.Context(), ticket, number))
	}
	kept, err := h.store.HandOff(t.Context(), c.ID, recovery.HandOffSupport)
	if err != nil || kept.Ticket != "77" {
		t.Errorf("kept %q, %v", kept.Ticket, err)
	}
	trail, err := h.store.Audit(t.Context(), c.Reference)
	if err != nil {
		t.Fatal(err)
	}
	made := slices.DeleteFunc(trail, func(e recovery.AuditEntry) bool { return e.Act != recovery.ActTicketMade })
	if len(made) != 1 || made[0].Detail != "77" {
		t.Errorf("the trail has %+v", made)
	}
}

// Who proved a mailbox and was not heard of again: the ticket is told once the 48 hours are over. One that got
// in was told of already.
func TestTheTicketIsToldWhenNothingWasHeard(t *testing.T) {
	h := newHouse(t)
	h.DeskNotes = true
	silent, in := h.bound(recovery.EntrySigned, "35436"), h.bound(recovery.EntrySigned, "35437")
	err := h.store.Update(t.Context(), func(tx recovery.Tx) error {
		return errors.Join(
			tx.Mark(t.Context(), silent.ID, recovery.MilestoneProven, h.clock.Now()),
			tx.Mark(t.Context(), in.ID, recovery.MilestoneProven, h.clock.Now()),
			tx.Mark(t.Context(), in.ID, recovery.MilestoneSignedIn, h.clock.Now()),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Pass(recovery.TicketWindow + time.Millisecond)
	for range 2 {
		if _, err := h.CheckOutcomes(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for c, want := range map[*recovery.Case]int{&silent: 1, &in: 0} {
		got, err := h.store.Deliveries(t.Context(), c.ID)
		if err != nil || len(got) != want || want == 1 && got[0].Kind != recovery.KindNoteUnknown {
			t.Errorf("ticket %s: queued %v, %v", c.Ticket, got, err)
		}
	}
}

// What became a ticket, or is bound to one, and was disowned afterwards is told to that ticket: whoever reads it alone
// would let in who asked. Also where the desk was just taking the hand-off.
func TestADisownedCaseIsNotedOnItsTicket(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after string // the desk's number, kept before or after it was disowned
		bound, notes  bool
		want          int
	}{
		"a ticket":                      {before: "77", notes: true, want: 1},
		"a ticket made just then":       {after: "77", notes: true, want: 1},
		"a ticket, and the link's":      {before: "77", bound: true, notes: true, want: 1},
		"the link's":                    {bound: true, notes: true, want: 1},
		"the link's, noted just then":   {bound: true, after: "35436", notes: true, want: 1},
		"the link's, another made then": {bound: true, after: "77", notes: true, want: 2},
		"no number":                     {notes: true},
		"a desk without notes":          {before: "77"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.DeskNotes = tt.notes
			h.portal.has(legacyAccount("ann@example.com"))
			b := h.browser()
			b.start("ann@example.com")
			if tt.bound {
				b.signedCase("35436")
				b.start("ann@example.com")
			}
			b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
			b.must(b.handOff("Please help."))
			c := b.theCase()
			ticket := recovery.Ticket{Kind: recovery.HandOffSupport, Reference: c.Reference}
			b.must(h.Filed(t.Context(), ticket, tt.before))
			owner := h.browser()
			owner.open(h.token(b.mails(recovery.KindHandedOff)[0].AsideID))
			owner.must(owner.pressDisown("ann@example.com"))
			b.must(h.Filed(t.Context(), ticket, tt.after))
			b.must(h.Filed(t.Context(), recovery.Ticket{Kind: recovery.HandOffDisown, Reference: c.Reference}, "78"))
			if got := len(h.mails(c.ID, recovery.KindNoteDisowned)); got != tt.want {
				t.Errorf("%d notes, want %d", got, tt.want)
			}
		})
	}
}
