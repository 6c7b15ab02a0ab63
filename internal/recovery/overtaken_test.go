package recovery_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// underWay are requests that may be under way while another of the same browser is answered.
var underWay = map[string]func(h *house, ctx context.Context, v *recovery.Visitor) error{
	"a link with an address": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		return h.Arrive(ctx, v, recovery.UnsignedLink{Email: "other@example.com"})
	},
	"a mailed link": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		_, err := h.HoldLink(ctx, v, h.token(h.mails(v.Session.CaseID, recovery.KindProve)[0].ChallengeID))
		return err
	},
	"another mail": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		if err := h.Resend(ctx, v); !errors.Is(err, recovery.ErrNoCase) { // none is waited for any more
			return err
		}
		return nil
	},
	"a look at the situation": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		_, err := h.Diagnose(ctx, v)
		return err
	},
	"a hand-off": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		return h.HandOff(ctx, v, "Please help.")
	},
	"a sign-in": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		_, err := h.SignInNow(ctx, v, "acc-ann@example.com")
		return err
	},
	"a sign-in mail": func(h *house, ctx context.Context, v *recovery.Visitor) error {
		return h.EmailSignInLink(ctx, v, "acc-ann@example.com")
	},
}

// whileUnderWay runs a test for each of them. meanwhile is answered while the portal is asked or, where nobody asks it,
// between the load of the session and its step; told is what the request under way came to.
func whileUnderWay(t *testing.T, test func(h *house, b *browser, overtaken func(meanwhile func()) (told error))) {
	for name, step := range underWay {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.portal.has(legacyAccount("ann@example.com"))
			b := h.prove("ann@example.com")
			if name != "a look at the situation" {
				b.diagnose() // so that there is nothing left to remember
			}
			b.start("bob@example.com")
			test(h, b, func(meanwhile func()) error {
				v := b.visitor()
				done := false
				h.portal.meanwhile = func() { done = true; meanwhile() }
				if name != "a look at the situation" && name != "a hand-off" && name != "a sign-in" && name != "a sign-in mail" {
					h.portal.meanwhile()
					h.portal.meanwhile = nil
				}
				err := step(h, t.Context(), v)
				if !done {
					t.Fatal("nothing came in between")
				}
				if v.Session.NewCookie != "" {
					t.Error("the request that was overtaken brings a cookie")
				}
				return err
			})
		})
	}
}

// An id from before a proof stays worth nothing, and the new one good, whatever was under way with the old one (R8).
func TestAProofOvertakesWhatIsUnderWay(t *testing.T) {
	whileUnderWay(t, func(h *house, b *browser, overtaken func(func()) error) {
		before := b.cookie
		told := overtaken(func() { b.proveAgain() })
		if told != nil {
			h.t.Errorf("told %v", told)
		}
		if old, err := h.SessionByCookie(t.Context(), before); err != nil || old.Stored() {
			h.t.Errorf("the id from before the proof leads to a session (%v)", err)
		}
		p, err := h.Progress(t.Context(), b.visitor())
		if err != nil || len(p.Proofs) != 2 {
			h.t.Errorf("the new id leads to %d proofs (%v), want 2", len(p.Proofs), err)
		}
	})
}

// What has ended stays so: nothing that was under way brings it back, or acts in it.
func TestStartOverOvertakesWhatIsUnderWay(t *testing.T) {
	whileUnderWay(t, func(h *house, b *browser, overtaken func(func()) error) {
		before, c := b.cookie, b.theCase()
		mails := len(h.mails(c.ID, recovery.KindProve))
		expectNothing(h, c, overtaken(func() { b.must(b.do(h.EndSession)) }))
		if old, err := h.SessionByCookie(t.Context(), before); err != nil || old.Stored() && old.CaseID != "" {
			h.t.Errorf("the ended session leads to a case again (%v)", err)
		}
		if now := len(h.mails(c.ID, recovery.KindProve)); now != mails {
			h.t.Errorf("%d more mails", now-mails)
		}
	})
}

// A right code proves nothing in a session that has ended, be it in its case or one of its own.
func TestStartOverOvertakesACode(t *testing.T) {
	for name, lapsed := range map[string]time.Duration{"of the same case": 0, "of another person": 31 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.prove("ann@example.com")
			h.clock.Pass(lapsed)
			b.start("bob@example.com")
			v, code := b.visitor(), h.code(b.mails(recovery.KindProve)[0])
			b.must(b.do(h.EndSession))
			wantErr(t, h.EnterCode(t.Context(), v, code), recovery.ErrNoCase)
			if v.Session.Stored() || v.Session.NewCookie != "" {
				t.Errorf("the session goes on as %+v", v.Session)
			}
		})
	}
}

// A support agent's link gives the browser a case of its own: what was under way in the one before is of neither.
func TestACaseOfItsOwnOvertakesWhatIsUnderWay(t *testing.T) {
	whileUnderWay(t, func(h *house, b *browser, overtaken func(func()) error) {
		c := b.theCase()
		expectNothing(h, c, overtaken(func() {
			b.mustFollow(h.reply())
			b.start("bob@example.com")
		}))
		if now := b.theCase(); now.ID == c.ID || now.Ticket != "12345" {
			h.t.Errorf("the browser is in case %+v", now)
		}
	})
}

// "This wasn't me" ends what a stranger's browser has under way (R12).
func TestDisowningOvertakesWhatIsUnderWay(t *testing.T) {
	whileUnderWay(t, func(h *house, b *browser, overtaken func(func()) error) {
		b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
			_, err := h.SignInNow(ctx, v, "acc-ann@example.com")
			return err
		}))
		c, owner := b.theCase(), h.browser()
		notices := h.mails(c.ID, recovery.KindSignedIn)
		owner.open(h.token(notices[0].AsideID))
		expectNothing(h, c, overtaken(func() { owner.must(owner.pressDisown("ann@example.com")) }))
		if now := h.mails(c.ID, recovery.KindSignedIn); len(now) != len(notices) {
			h.t.Error("signed in after it was disowned")
		}
	})
}

// expectNothing checks that a request was told that its case has ended, or what it asked for is not there, and that
// nothing was done in the case for it.
func expectNothing(h *house, c recovery.Case, told error) {
	h.t.Helper()
	for _, fits := range []error{recovery.ErrNoCase, recovery.ErrNotProven, recovery.ErrLinkDead} {
		if errors.Is(told, fits) {
			told = nil
		}
	}
	if told != nil {
		h.t.Errorf("told %v", told)
	}
	if _, err := h.store.HandOff(h.t.Context(), c.ID, recovery.HandOffSupport); !errors.Is(err, recovery.ErrNotFound) {
		h.t.Errorf("a hand-off was filed (%v)", err)
	}
	if mails := h.mails(c.ID, recovery.KindSignIn); len(mails) > 0 {
		h.t.Error("a sign-in link was mailed")
	}
	acts, err := h.store.Audit(h.t.Context(), c.Reference)
	if err != nil {
		h.t.Fatal(err)
	}
	if last := acts[len(acts)-1].Act; slices.Contains([]string{recovery.ActExplained, recovery.ActHandedOff}, last) {
		h.t.Errorf("the last step is %s", last)
	}
}

// Two tabs ask at once, in a browser whose session has a row already: they are of one case.
func TestTwoStartsOfABrowserThatWasHereBefore(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.arrive(recovery.UnsignedLink{Email: "ann@example.com"})
	first, second := b.visitor(), b.visitor()
	for _, v := range []*recovery.Visitor{first, second} {
		b.must(h.Start(t.Context(), v, parse(t, "ann@example.com")))
	}
	if first.Session.CaseID != second.Session.CaseID {
		t.Errorf("got cases %s and %s, want one", first.Session.CaseID, second.Session.CaseID)
	}
	if mails := b.mails(recovery.KindProve); len(mails) != 1 {
		t.Errorf("got %d mails, want 1", len(mails))
	}
}

// Who presses the button twice has guessed nothing: it costs none of the day's wrong codes.
func TestARightCodeTwiceIsNoWrongCodeOfTheDay(t *testing.T) {
	h := newHouse(t)
	for range 4 {
		b := h.browser()
		b.start("ann@example.com")
		code := h.code(b.mails(recovery.KindProve)[0])
		visitors := make([]*recovery.Visitor, 5)
		for i := range visitors {
			visitors[i] = b.visitor()
		}
		for i, v := range visitors {
			if err := h.EnterCode(t.Context(), v, code); (err == nil) != (i == 0) {
				t.Fatalf("press %d: told %v", i, err)
			}
		}
		h.clock.Pass(time.Minute)
	}
	h.prove("ann@example.com")
}

// A proof lapses and somebody else proves their own mailbox at the same browser: nothing of the first is shown to
// them or said of them (R2).
func TestAnotherPersonAtTheSameBrowser(t *testing.T) {
	for name, prove := range map[string]func(h *house, b *browser){
		"by code": func(h *house, b *browser) { b.proveAgain() },
		"by link": func(h *house, b *browser) {
			b.open(h.token(b.mails(recovery.KindProve)[0].ChallengeID))
			b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "bob@example.com") }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.prove("ann@example.com")
			before := b.theCase()
			b.must(b.handOff("What Ann wrote."))
			h.clock.Pass(31 * time.Minute)
			if err := b.handOff("What Ann wrote later."); !errors.Is(err, recovery.ErrNotProven) {
				t.Fatal(err)
			}
			b.start("bob@example.com")
			prove(h, b)

			view, err := h.HandOffView(t.Context(), b.visitor())
			b.must(err)
			if view.Filed != nil || view.Draft != "" || len(view.Others) > 0 {
				t.Errorf("Bob is shown %+v, %q and %q", view.Filed, view.Draft, view.Others)
			}
			if c := b.theCase(); c.ID == before.ID || c.AddressHash == before.AddressHash {
				t.Error("Bob is in Ann's case")
			}
			b.must(b.handOff("What Bob wrote."))
			filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
			b.must(err)
			evidence, err := recovery.DecodeEvidence(filed.Evidence)
			b.must(err)
			if len(evidence.Proven) != 1 || evidence.Proven[0].Address != "bob@example.com" {
				t.Errorf("the ticket says that %+v were proven", evidence.Proven)
			}
		})
	}
}

// Who comes back after the proof has lapsed, and proves the same mailbox, goes on in the same case.
func TestTheSamePersonComesBack(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	before := b.theCase()
	h.clock.Pass(31 * time.Minute)
	if err := b.handOff("What Ann wrote."); !errors.Is(err, recovery.ErrNotProven) {
		t.Fatal(err)
	}
	b.start("ann@example.com")
	b.proveAgain()
	view, err := h.HandOffView(t.Context(), b.visitor())
	b.must(err)
	if c := b.theCase(); c.ID != before.ID || view.Draft != "What Ann wrote." {
		t.Errorf("goes on in case %s with %q, want %s and what she wrote", c.ID, view.Draft, before.ID)
	}
}
