package recovery_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// linkLives are the links of R5, with how long each works and how it comes about in a house.
var linkLives = []struct {
	purpose recovery.Purpose
	life    time.Duration
	mailed  func(h *house) (challengeID string)
	press   func(b *browser) error
}{
	{recovery.PurposeProve, 15 * time.Minute, func(h *house) string {
		b := h.browser()
		b.start("ann@example.com")
		return b.mails(recovery.KindProve)[0].ChallengeID
	}, func(b *browser) error {
		return b.do(func(ctx context.Context, v *recovery.Visitor) error {
			return b.h.ProveByLink(ctx, v, "ann@example.com")
		})
	}},
	{recovery.PurposeSignIn, time.Hour, func(h *house) string {
		h.portal.has(legacyAccount("ann@example.com"))
		b := h.prove("ann@example.com")
		b.must(b.mailSignIn("acc-ann@example.com"))
		return b.mails(recovery.KindSignIn)[0].ChallengeID
	}, func(b *browser) error {
		_, err := b.pressSignIn("ann@example.com")
		return err
	}},
	{recovery.PurposeConfirm, 24 * time.Hour, func(h *house) string {
		a := legacyAccount("ann@example.com")
		a.ConfirmedAt = time.Time{}
		h.portal.has(a)
		b := h.prove("ann@example.com")
		b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
			return h.ResendConfirmation(ctx, v, "acc-ann@example.com")
		}))
		return b.mails(recovery.KindConfirm)[0].ChallengeID
	}, func(b *browser) error {
		return b.do(func(ctx context.Context, v *recovery.Visitor) error {
			_, err := b.h.ConfirmByLink(ctx, v, "ann@example.com")
			return err
		})
	}},
	{recovery.PurposeStop, 7 * 24 * time.Hour, func(h *house) string {
		b := h.browser()
		b.start("ann@example.com")
		return b.mails(recovery.KindProve)[0].AsideID
	}, func(b *browser) error { return b.pressStop("ann@example.com") }},
	{recovery.PurposeDisown, 7 * 24 * time.Hour, func(h *house) string {
		h.portal.has(legacyAccount("ann@example.com"))
		b := h.prove("ann@example.com")
		_, err := b.signInNow("acc-ann@example.com")
		b.must(err)
		return b.mails(recovery.KindSignedIn)[0].AsideID
	}, func(b *browser) error { return b.pressDisown("ann@example.com") }},
}

func TestLinksLiveAsLongAsTheirRuleSays(t *testing.T) {
	for _, l := range linkLives {
		t.Run(string(l.purpose), func(t *testing.T) {
			for _, tt := range []struct {
				after time.Duration
				want  error
			}{{l.life - time.Millisecond, nil}, {l.life, recovery.ErrLinkDead}} {
				h := newHouse(t)
				token := h.token(l.mailed(h))
				h.clock.Pass(tt.after)
				b := h.browser()
				b.open(token)
				if err := l.press(b); !errorIs(err, tt.want) {
					t.Errorf("after %s: %v, want %v", tt.after, err, tt.want)
				}
			}
		})
	}
}

func TestStopHoldsThirtyDays(t *testing.T) {
	const hold = 30 * 24 * time.Hour
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	b.open(h.token(b.mails(recovery.KindProve)[0].AsideID))
	b.must(b.pressStop("ann@example.com"))
	refusal := func() recovery.Reason {
		asks := h.browser()
		asks.start("ann@example.com")
		return asks.mails(recovery.KindProve)[0].Refusal
	}
	h.clock.Pass(hold - time.Millisecond)
	if got := refusal(); got != recovery.ReasonStopped {
		t.Errorf("a moment before thirty days the mail is refused as %q, want %q", got, recovery.ReasonStopped)
	}
	h.clock.Pass(time.Millisecond)
	if got := refusal(); got != recovery.ReasonNone {
		t.Errorf("after thirty days the mail is refused: %s", got)
	}
}

func TestSessionEndsAfterADayWithoutARequest(t *testing.T) {
	const idle = 24 * time.Hour
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	h.clock.Pass(idle - time.Millisecond)
	if got := b.next(); got != recovery.StepCheckEmail {
		t.Errorf("a moment before a day the next step is %q", got)
	}
	b.start("ann@example.com") // moves the end
	h.clock.Pass(idle - time.Millisecond)
	if got := b.next(); got != recovery.StepCheckEmail {
		t.Errorf("a moment before a day since the last step the next one is %q", got)
	}
	h.clock.Pass(time.Millisecond)
	if got := b.next(); got != recovery.StepStart {
		t.Errorf("after a day without a request the next step is %q", got)
	}
}

// What "this wasn't me" ends is gone from the store, not only hidden by the case being closed.
func TestDisownLeavesNothingThatActs(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	_, err := b.signInNow("acc-ann@example.com")
	b.must(err)
	h.sendAll()
	b.must(b.mailSignIn("acc-ann@example.com")) // still queued when the case ends
	c := b.theCase()
	before, err := h.store.CaseProofs(t.Context(), c.ID)
	b.must(err)
	if len(before) != 1 || !h.hasSession(b) {
		t.Fatalf("%d proofs, session: %v; want both before the end", len(before), h.hasSession(b))
	}
	owner := h.browser()
	owner.open(h.token(b.mails(recovery.KindSignedIn)[0].AsideID))
	owner.must(owner.pressDisown("ann@example.com"))

	if proofs, err := h.store.CaseProofs(t.Context(), c.ID); err != nil || len(proofs) != 0 {
		t.Errorf("%d proofs are left: %v", len(proofs), err)
	}
	if h.hasSession(b) {
		t.Error("the session is still there")
	}
	if d := h.mails(c.ID, recovery.KindSignIn)[0]; d.State != recovery.StateFailed || d.Reason != recovery.ReasonEnded {
		t.Errorf("the mail still queued is %s (%s), want failed (%s)", d.State, d.Reason, recovery.ReasonEnded)
	}
	if link := h.challenge(h.mails(c.ID, recovery.KindSignIn)[0].ChallengeID); link.Live(h.clock.Now()) {
		t.Error("the sign-in link of the mail is still good")
	}
	owner.open(h.token(h.mails(c.ID, recovery.KindProve)[0].AsideID))
	if err := owner.pressStop("ann@example.com"); err != nil {
		t.Errorf("the link to stop mail is dead (%v); it is the owner's", err)
	}
	if ended, err := h.store.Case(t.Context(), c.ID); err != nil || ended.Open() {
		t.Errorf("the case is open: %v", err)
	}
}

// hasSession looks for the row of the browser's cookie.
func (h *house) hasSession(b *browser) bool {
	h.t.Helper()
	id, _, _ := strings.Cut(b.cookie, ".")
	_, err := h.store.SessionByID(h.t.Context(), secret.HashID(id), h.clock.Now())
	if err != nil && !errorIs(err, recovery.ErrNotFound) {
		h.t.Fatal(err)
	}
	return err == nil
}
