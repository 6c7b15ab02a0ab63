package recovery_test

import (
	"context"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// What can be pressed for ever is a row of the trail each time, and every page of the case reads them all: a case has
// so many a day, and as many the day after.
func TestACaseHasSoManyStepsADay(t *testing.T) {
	const most = 8
	for name, steps := range map[string]func(h *house, b *browser) func(i int) error{
		"answers": func(_ *house, b *browser) func(i int) error {
			return func(i int) error { return b.say([]diagnosis.Symptom{sawTaken, diagnosis.SaidNothing}[i%2]) }
		},
		"addresses looked at": func(_ *house, b *browser) func(i int) error {
			return func(int) error {
				return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.LookAt(ctx, v, "ann@example.com") })
			}
		},
		"codes asked for": func(h *house, b *browser) func(i int) error {
			return func(int) error {
				h.sendAll()
				return b.do(func(ctx context.Context, v *recovery.Visitor) error {
					return b.h.Start(ctx, v, parse(h.t, "bob@example.com"))
				})
			}
		},
		"sign-ins": func(_ *house, b *browser) func(i int) error {
			return func(int) error { _, err := b.signInNow("acc-ann@example.com"); return err }
		},
		"sign-ins to an identity": func(_ *house, b *browser) func(i int) error {
			return func(int) error {
				return b.do(func(ctx context.Context, v *recovery.Visitor) error { _, err := b.h.BeginIdentity(ctx, v); return err })
			}
		},
		"the other address": func(h *house, b *browser) func(i int) error {
			h.portal.accounts = map[string][]account.Account{}
			b.diagnose()
			return func(int) error { return b.do(h.MailOtherAddress) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newIdentityHouse(t, func(p *recovery.Policy) {
				p.CaseSteps, p.ProofIdle, p.ProofMax, p.SessionIdle = most, 48*time.Hour, 48*time.Hour, 48*time.Hour
			})
			h.Messages = diagnosis.Messages{{ID: sawTaken, Text: "“Email has been taken”"}}
			h.portal.has(legacyAccount("ann@example.com"))
			b := h.prove("ann@example.com")
			step := steps(h, b)
			for i := range most {
				b.must(step(i))
			}
			before, err := h.store.Audit(t.Context(), b.theCase().Reference)
			b.must(err)
			for range 3 {
				wantErr(t, step(most), recovery.ErrTooManySteps)
			}
			after, err := h.store.Audit(t.Context(), b.theCase().Reference)
			b.must(err)
			if len(after) != len(before) {
				t.Errorf("the trail has %d steps, want %d as before", len(after), len(before))
			}
			h.clock.Pass(25 * time.Hour)
			b.must(step(most))
		})
	}
}

// Over the day's steps the portal is not asked for a one-time URL that nobody gets.
func TestASignInOverTheDaysStepsAsksNobody(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.CaseSteps = 1 })
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	for _, want := range []error{nil, recovery.ErrTooManySteps, recovery.ErrTooManySteps} {
		_, err := b.signInNow("acc-ann@example.com")
		wantErr(t, err, want)
	}
	if h.portal.links != 1 {
		t.Errorf("the portal was asked for %d one-time URLs, want 1", h.portal.links)
	}
}
