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
			wantErr(t, h.EnterCode(t.Context(), v, code), recovery.ErrOvertaken)
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

// What the vendor mails for us is not asked for either.
func TestDisowningOvertakesTheVendorsConfirmation(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.ConfirmHere = false })
	fresh := legacyAccount("new@example.com")
	fresh.ConfirmedAt = time.Time{}
	h.portal.has(legacyAccount("ann@example.com"))
	h.portal.has(fresh)
	b := h.prove("ann@example.com")
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.SignInNow(ctx, v, "acc-ann@example.com")
		return err
	}))
	owner := h.browser()
	owner.open(h.token(b.mails(recovery.KindSignedIn)[0].AsideID))
	b.start("new@example.com")
	b.proveAgain()
	b.diagnose()
	v := b.visitor()
	h.portal.meanwhile = func() { owner.must(owner.pressDisown("ann@example.com")) }
	if err := h.ResendConfirmation(t.Context(), v, "acc-new@example.com"); !errors.Is(err, recovery.ErrNoCase) {
		t.Errorf("told %v", err)
	}
	if h.portal.confirmations > 0 {
		t.Error("the vendor was asked to mail")
	}
}

// expectNothing checks that a request was told that its case has ended, or what it asked for is not there, and that
// nothing was done in the case for it.
func expectNothing(h *house, c recovery.Case, told error) {
	h.t.Helper()
	for _, fits := range []error{recovery.ErrOvertaken, recovery.ErrNoCase, recovery.ErrNotProven, recovery.ErrLinkDead} {
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

// While the portal is slow the customer opens a link in another tab: what they see there stays.
func TestASlowLookLeavesWhatOtherTabsDo(t *testing.T) {
	for name, step := range map[string]func(h *house, v *recovery.Visitor) error{
		"a look at the situation": func(h *house, v *recovery.Visitor) error {
			_, err := h.Diagnose(t.Context(), v)
			return err
		},
		"a hand-off": func(h *house, v *recovery.Visitor) error { return h.HandOff(t.Context(), v, "Please help.") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.portal.has(legacyAccount("ann@example.com"))
			b := h.prove("ann@example.com")
			b.must(b.mailSignIn("acc-ann@example.com"))
			b.diagnose()
			h.clock.Pass(2 * time.Minute) // so that the browser is to be marked as seen
			v := b.visitor()
			h.portal.meanwhile = func() { b.open(h.token(b.mails(recovery.KindSignIn)[0].ChallengeID)) }
			b.must(step(h, v))
			if _, err := h.HeldLink(t.Context(), b.visitor(), recovery.PurposeSignIn); err != nil {
				t.Errorf("the link that was opened meanwhile: %v", err)
			}
		})
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
	if !first.Session.Stored() || first.Session.CaseID != second.Session.CaseID {
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

// Somebody asks for a mail while another request of the browser starts over: they get it, in a case of their own.
func TestAStartGoesOnWithoutItsSession(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	before, v := b.theCase(), b.visitor()
	b.must(b.do(h.EndSession))
	b.must(h.Start(t.Context(), v, parse(t, "bob@example.com")))
	if c := v.Session.CaseID; !v.Session.Stored() || c == "" || c == before.ID || len(h.mails(c, recovery.KindProve)) != 1 {
		t.Errorf("in case %q, after %q, %d mails", c, before.ID, len(h.mails(c, recovery.KindProve)))
	}
}

// A mail is asked for again in the case that it was of, and for its address.
func TestAnotherMailIsNotCarriedIntoAnotherCase(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	h.sendAll()
	v := b.visitor()
	b.mustFollow(h.reply())
	b.start("bob@example.com")
	wantErr(t, h.Resend(t.Context(), v), recovery.ErrNoCase)
	if c := b.theCase(); c.Address != "bob@example.com" || len(b.mails(recovery.KindProve)) != 1 {
		t.Errorf("the case of %s has %d mails, want Bob's and 1", c.Address, len(b.mails(recovery.KindProve)))
	}
}

// A proof lapses and somebody else comes to the same browser: nothing of the first is shown to them, and nothing of
// either is said of the other (R2).
func TestAnotherPersonAtTheSameBrowser(t *testing.T) {
	for name, prove := range map[string]func(h *house, b *browser){
		"by code": func(h *house, b *browser) {
			b.start("bob@example.com")
			b.proveAgain()
		},
		"by link": func(h *house, b *browser) {
			b.start("bob@example.com")
			b.proveByLink("bob@example.com", b.mails(recovery.KindProve)[0])
		},
		"by a link of another browser": func(h *house, b *browser) {
			phone := h.browser()
			phone.start("bob@example.com")
			b.proveByLink("bob@example.com", phone.mails(recovery.KindProve)[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.browser()
			b.mustFollow(h.reply())
			b.start("ann@example.com")
			b.proveAgain()
			before := b.theCase()
			b.must(b.handOff("What Ann wrote."))
			h.clock.Pass(31 * time.Minute)
			if err := b.handOff("What Ann wrote later."); !errors.Is(err, recovery.ErrNotProven) {
				t.Fatal(err)
			}
			steps := len(h.acts(before.Reference))
			prove(h, b)

			view, err := h.HandOffView(t.Context(), b.visitor())
			b.must(err)
			if view.Filed != nil || view.Draft != "" || len(view.Others) > 0 {
				t.Errorf("Bob is shown %+v, %q and %q", view.Filed, view.Draft, view.Others)
			}
			own := b.theCase()
			if own.ID == before.ID || own.Ticket != "" {
				t.Errorf("Bob is in case %s, of ticket %q; Ann's is %s", own.ID, own.Ticket, before.ID)
			}
			b.must(b.handOff("What Bob wrote."))
			filed, err := h.store.HandOff(t.Context(), own.ID, recovery.HandOffSupport)
			b.must(err)
			evidence, err := recovery.DecodeEvidence(filed.Evidence)
			b.must(err)
			if len(evidence.Proven) != 1 || evidence.Proven[0].Address != "bob@example.com" || evidence.Link != nil {
				t.Errorf("the ticket says that %+v were proven, by the link %+v", evidence.Proven, evidence.Link)
			}
			left, err := h.store.Case(t.Context(), before.ID)
			b.must(err)
			if now := len(h.acts(before.Reference)); left.Address != "ann@example.com" || now != steps {
				t.Errorf("Ann's case is of %s, with %d more steps", left.Address, now-steps)
			}
		})
	}
}

// Somebody asks for a code of theirs at a browser where another is still proven, and enters it once nobody is any more.
// The case is one, since it may be the same person with another address: but what the first wrote is for who holds
// their mailbox, and to whom their identity belongs is said to nobody else (R2).
func TestAnotherPersonAskedMeanwhile(t *testing.T) {
	for name, prove := range map[string]func(h *house, b *browser){
		"by code": func(_ *house, b *browser) { b.proveAgain() },
		"by link": func(_ *house, b *browser) {
			b.proveByLink("bob@example.com", b.mails(recovery.KindProve)[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.prove("ann@example.com")
			b.must(b.handOff("What Ann wrote."))
			h.clock.Pass(25 * time.Minute)
			b.start("bob@example.com")
			h.clock.Pass(6 * time.Minute)
			if err := b.handOff("What Ann wrote later."); !errors.Is(err, recovery.ErrNotProven) {
				t.Fatal(err)
			}
			prove(h, b)
			view, err := h.HandOffView(t.Context(), b.visitor())
			b.must(err)
			if view.Filed == nil || view.Filed.Message != "" || view.Filed.Address != "" || view.Address != "" || view.Draft != "" {
				t.Errorf("Bob is shown %+v of %q and %q", view.Filed, view.Address, view.Draft)
			}
			if s := b.visitor().Session; s.Draft != "" {
				t.Errorf("Bob's session holds %q", s.Draft)
			}
			b.start("ann@example.com")
			b.proveAgain()
			view, err = h.HandOffView(t.Context(), b.visitor())
			b.must(err)
			if view.Filed == nil || view.Filed.Message != "What Ann wrote." || view.Address != "ann@example.com" {
				t.Errorf("Ann, who is back, is shown %+v of %q", view.Filed, view.Address)
			}
		})
	}
}

// An identity is over with the mailbox beside which it was signed in to, however late that was: who proves another
// mailbox then may be somebody else (R2).
func TestAnIdentityEndsWithItsMailbox(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("ann@example.com")
	for range 3 {
		h.clock.Pass(29 * time.Minute)
		b.diagnose()
	}
	b.own(p)
	if d := b.diagnose(); len(d.Identities) != 1 {
		t.Fatalf("Ann has the identities %+v", d.Identities)
	}
	h.clock.Pass(26 * time.Minute)
	b.diagnose()
	b.start("bob@example.com")
	h.clock.Pass(8 * time.Minute) // two hours after Ann's proof
	b.proveAgain()
	d := b.diagnose()
	if len(d.Identities) > 0 || len(d.Report.Accounts) > 0 {
		t.Errorf("Bob has the identities %+v and the accounts %+v", d.Identities, d.Report.Accounts)
	}
}

// Who proves two mailboxes of theirs keeps the identity for as long as the last of them.
func TestAnIdentityLastsAsLongAsTheLastMailbox(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("ann@example.com")
	for range 3 {
		h.clock.Pass(29 * time.Minute)
		b.diagnose()
	}
	b.start("ann@example.net")
	b.proveAgain()
	b.own(p)
	for range 4 { // until 29 minutes before the second proof ends
		h.clock.Pass(23 * time.Minute)
		if d := b.diagnose(); len(d.Identities) != 1 {
			t.Errorf("%s: the identities %+v", h.clock.Now().Format(time.TimeOnly), d.Identities)
		}
	}
}

// Who comes back from the identity provider after the mailbox's proof has lapsed proves that first.
func TestNoIdentityWithoutAMailbox(t *testing.T) {
	h, p := newIdentityHouse(t, func(p *recovery.Policy) { p.IdentityFor = time.Hour })
	b := h.prove("ann@example.com")
	b.begin()
	h.clock.Pass(31 * time.Minute)
	if err := b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code"}); !errors.Is(err, recovery.ErrNotProven) {
		t.Errorf("%v, want that the mailbox is to be proven", err)
	}
}

// Who comes back after the proof has lapsed, and proves the same mailbox, goes on in the same case with what they
// wrote; who tried another address while they were proven, too, however long its code takes.
func TestTheSamePersonComesBack(t *testing.T) {
	for name, tt := range map[string]struct {
		prove func(h *house, b *browser)
		same  bool
	}{
		"by code": {func(_ *house, b *browser) {
			b.start("ann@example.com")
			b.proveAgain()
		}, true},
		"by a link of another browser": {func(h *house, b *browser) {
			phone := h.browser()
			phone.start("ann@example.com")
			b.proveByLink("ann@example.com", phone.mails(recovery.KindProve)[0])
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.prove("ann@example.com")
			before := b.theCase()
			h.clock.Pass(31 * time.Minute)
			if err := b.handOff("What Ann wrote."); !errors.Is(err, recovery.ErrNotProven) {
				t.Fatal(err)
			}
			tt.prove(h, b)
			view, err := h.HandOffView(t.Context(), b.visitor())
			b.must(err)
			if c := b.theCase(); (c.ID == before.ID) != tt.same || view.Draft != "What Ann wrote." {
				t.Errorf("goes on in case %s with %q; before it was %s", c.ID, view.Draft, before.ID)
			}
		})
	}
	h := newHouse(t)
	b := h.prove("ann@example.com")
	before := b.theCase()
	h.clock.Pass(25 * time.Minute)
	b.start("bob@example.com")
	h.sendAll()
	h.clock.Pass(6 * time.Minute)
	b.must(b.do(h.Resend))
	b.proveAgain()
	if c := b.theCase(); c.ID != before.ID {
		t.Error("an address that was tried while Ann was proven is of another case")
	}
}

// proveByLink opens the link of a proof mail and presses its button.
func (b *browser) proveByLink(typed string, mail recovery.Delivery) {
	b.h.t.Helper()
	b.open(b.h.token(mail.ChallengeID))
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.ProveByLink(ctx, v, typed) }))
}

// takenStore changes a session before each transaction of it.
type takenStore struct{ recovery.Store }

func (takenStore) Update(context.Context, func(tx recovery.Tx) error) error {
	return recovery.ErrSessionTaken
}

// A request that others of its browser are always faster than leads to where those went.
func TestOvertakenTwice(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	deps := h.Deps
	deps.Store = takenStore{h.store}
	wantErr(t, recovery.New(deps).EnterCode(t.Context(), b.visitor(), h.code(b.mails(recovery.KindProve)[0])), recovery.ErrOvertaken)
}
