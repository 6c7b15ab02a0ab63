package recovery_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

func (b *browser) answer(a recovery.GotIn) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.SayGotIn(ctx, v, a) })
}

func TestDidYouGetInIsAskedOnceAfterAnAttempt(t *testing.T) {
	for _, tt := range []struct {
		answer recovery.GotIn
		act    string
		marked func(recovery.Milestones) bool
	}{
		{recovery.GotInYes, recovery.ActGotIn, func(m recovery.Milestones) bool { return !m.GotIn.IsZero() && m.NotIn.IsZero() }},
		{recovery.GotInNo, recovery.ActNotIn, func(m recovery.Milestones) bool { return !m.NotIn.IsZero() && m.GotIn.IsZero() }},
	} {
		h := newHouse(t)
		h.portal.has(legacyAccount("ann@example.com"))
		b := h.prove("ann@example.com")
		if b.diagnose().AsksGotIn {
			t.Error("asked before anything was tried")
		}
		wantErr(t, b.answer(tt.answer), recovery.ErrNotAllowed)
		b.must(b.mailSignIn("acc-ann@example.com"))
		if d := b.diagnose(); !d.AsksGotIn || d.GotIn != recovery.GotInUnknown {
			t.Errorf("after the mail: asks %v, answered %q", d.AsksGotIn, d.GotIn)
		}
		wantErr(t, b.answer("perhaps"), recovery.ErrNotAllowed)
		b.must(b.answer(tt.answer))
		b.must(b.answer(recovery.GotInYes)) // a second answer, and any later one, changes nothing
		b.must(b.answer(recovery.GotInNo))
		_, err := b.signInNow("acc-ann@example.com")
		b.must(err)
		if d := b.diagnose(); d.AsksGotIn || d.GotIn != tt.answer {
			t.Errorf("after the answer: asks %v, answered %q", d.AsksGotIn, d.GotIn)
		}
		c := b.theCase()
		if !tt.marked(c.Milestones) {
			t.Errorf("milestones %+v", c.Milestones)
		}
		acts := h.acts(c.Reference)
		said := slices.DeleteFunc(acts, func(a string) bool { return a != recovery.ActGotIn && a != recovery.ActNotIn })
		if !slices.Equal(said, []string{tt.act}) {
			t.Errorf("the audit trail has %q, want one %s", said, tt.act)
		}
	}
}

// A mail waits until something else is done to sign in; the vendor's own counts, and an agent's.
// The question is asked once in a case, and the answer is of the address that was looked at: of another one, whose
// account they may not have got into, the page does not say that they did.
func TestAnAnswerIsOfItsAddress(t *testing.T) {
	for _, answer := range []recovery.GotIn{recovery.GotInYes, recovery.GotInNo} {
		h := newHouse(t)
		h.portal.has(legacyAccount("ann@example.com"))
		b := h.prove("ann@example.com")
		b.must(b.mailSignIn("acc-ann@example.com"))
		b.must(b.answer(answer))
		b.start("bob@example.com")
		b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
		if d := b.diagnose(); d.Address != "bob@example.com" || d.GotIn != recovery.GotInUnknown || d.AsksGotIn {
			t.Errorf("of %s: answered %q, asked: %t", d.Address, d.GotIn, d.AsksGotIn)
		}
		b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.LookAt(ctx, v, "ann@example.com") }))
		if d := b.diagnose(); d.Address != "ann@example.com" || d.GotIn != answer {
			t.Errorf("of %s: answered %q, want %q", d.Address, d.GotIn, answer)
		}
	}
}

func TestAMailWaitsUntilItsLinkIsUsed(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.ConfirmHere = false })
	h.portal.has(legacyAccount("ann@example.com"))
	unconfirmed := legacyAccount("ann@example.com")
	unconfirmed.ID, unconfirmed.ConfirmedAt = "unconfirmed", time.Time{}
	h.portal.has(unconfirmed)
	const account = "acc-ann@example.com"
	b, a := h.prove("ann@example.com"), h.grace()
	wait := func(want bool, after string) recovery.Diagnosis {
		t.Helper()
		d := b.diagnose()
		if d.MailWaits != want {
			t.Errorf("after %s a mail waits: %t", after, d.MailWaits)
		}
		return d
	}
	signIn := func() {
		t.Helper()
		_, err := b.signInNow(account)
		b.must(err)
		wait(false, "signing in")
	}
	wait(false, "nothing")
	b.must(b.mailSignIn(account))
	wait(true, "the sign-in mail")
	signIn()
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.ResendConfirmation(ctx, v, "unconfirmed")
	}))
	d := wait(true, "the vendor's confirmation")
	vendors := slices.IndexFunc(d.Mailed, func(m recovery.Mailed) bool { return m.Kind == recovery.KindConfirm })
	if vendors < 0 || d.Mailed[vendors].State != recovery.StateAccepted || !d.Mailed[vendors].At.Equal(h.clock.Now()) {
		t.Errorf("the vendor's confirmation is not said to be sent: %+v", d.Mailed)
	}
	signIn()
	h.sendAll()
	a.must(a.resend(b.theCase().Reference, recovery.KindSignIn, account))
	wait(true, "an agent's mail")
	signIn()
	h.sendAll()
	b.must(b.mailSignIn(account))
	h.clock.Pass(20 * time.Minute)
	wait(true, "20 minutes")
	h.clock.Pass(20 * time.Minute)
	b.diagnose() // who does nothing for 30 minutes has to prove the mailbox again
	h.clock.Pass(20 * time.Minute)
	wait(false, "an hour")
}

func TestWhoAskedSupportIsNotAsked(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.must(b.mailSignIn("acc-ann@example.com"))
	b.must(b.handOff("please help"))
	if b.diagnose().AsksGotIn {
		t.Error("asked after the hand-off")
	}
	wantErr(t, b.answer(recovery.GotInNo), recovery.ErrNotAllowed)
	if b.next() != recovery.StepSupport {
		t.Errorf("at %s", b.next())
	}
}

func TestAnAnswerNeedsACaseAndItsProof(t *testing.T) {
	h := newHouse(t)
	wantErr(t, h.browser().answer(recovery.GotInYes), recovery.ErrNoCase)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.must(b.mailSignIn("acc-ann@example.com"))
	h.clock.Pass(h.Policy.ProofMax)
	wantErr(t, b.answer(recovery.GotInYes), recovery.ErrNotProven)
}
