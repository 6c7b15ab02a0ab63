package recovery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// What comes back with the wrong state, to the wrong browser, or twice, is not even redeemed.
func TestOnlyTheBrowserThatAskedComesBack(t *testing.T) {
	type attempt struct {
		h      *house
		p      *signInPage
		asked  *browser
		answer recovery.IdentityAnswer
	}
	tests := []struct {
		name string
		come func(attempt) error
		want error
	}{
		{"another browser with a case", func(a attempt) error { return a.h.prove("stranger@example.com").comeBack(a.answer) }, recovery.ErrIdentityState},
		{"a browser without any", func(a attempt) error { return a.h.browser().comeBack(a.answer) }, recovery.ErrIdentityState},
		{"no state", func(a attempt) error { return a.asked.comeBack(recovery.IdentityAnswer{Code: "code"}) }, recovery.ErrIdentityState},
		{"a made-up state", func(a attempt) error {
			return a.asked.comeBack(recovery.IdentityAnswer{Code: "code", State: strings.Repeat("A", len(a.answer.State))})
		}, recovery.ErrIdentityState},
		{"a mailed link as state", func(a attempt) error {
			token := a.h.token(a.asked.mails(recovery.KindProve)[0].ChallengeID)
			return a.asked.comeBack(recovery.IdentityAnswer{Code: "code", State: token})
		}, recovery.ErrIdentityState},
		{"too late", func(a attempt) error {
			a.h.clock.Pass(10 * time.Minute)
			return a.asked.comeBack(a.answer)
		}, recovery.ErrIdentityState},
		{"after starting over", func(a attempt) error {
			a.asked.must(a.asked.do(a.h.EndSession))
			return a.asked.comeBack(a.answer)
		}, recovery.ErrIdentityState},
		{"where it is offered no more", func(a attempt) error {
			a.h.IdentityProvider = nil
			return a.asked.comeBack(a.answer)
		}, recovery.ErrIdentityState},
		{"declined", func(a attempt) error {
			return a.asked.comeBack(recovery.IdentityAnswer{State: a.answer.State, Error: "access_denied"})
		}, recovery.ErrIdentityDenied},
		{"declined, with a code", func(a attempt) error {
			return a.asked.comeBack(recovery.IdentityAnswer{State: a.answer.State, Code: "code", Error: "access_denied"})
		}, recovery.ErrIdentityDenied},
		{"the provider is out of order", func(a attempt) error {
			return a.asked.comeBack(recovery.IdentityAnswer{State: a.answer.State, Error: "server_error"})
		}, recovery.ErrIdentityProvider},
		{"no code", func(a attempt) error { return a.asked.comeBack(recovery.IdentityAnswer{State: a.answer.State}) }, recovery.ErrIdentityProvider},
		{"another issuer", func(a attempt) error {
			return a.asked.comeBack(recovery.IdentityAnswer{State: a.answer.State, Code: "code", Issuer: "https://evil.example"})
		}, recovery.ErrIdentityProvider},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, p := newIdentityHouse(t)
			b := h.prove("z@example.com")
			b.begin()
			wantErr(t, tt.come(attempt{h, p, b, recovery.IdentityAnswer{State: p.last().State, Code: "code"}}), tt.want)
			if len(p.redeemed) > 0 {
				t.Error("the code was redeemed")
			}
			if b.next() == recovery.StepSituation && len(b.diagnose().Identities) > 0 {
				t.Error("an identity is the customer's now")
			}
		})
	}
}

func TestAnAnswerCountsOnce(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	b.own(p)
	wantErr(t, b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code"}), recovery.ErrIdentityState)
	if len(p.redeemed) != 1 {
		t.Errorf("redeemed %d times", len(p.redeemed))
	}
}

// Whatever the provider does wrong, the case goes on as it was and the button can be pressed again.
func TestAProviderThatFailsCostsNothing(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	b.begin()
	p.fail = recovery.ErrIdentityProvider
	wantErr(t, b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code"}), recovery.ErrIdentityProvider)
	wantErr(t, b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.BeginIdentity(ctx, v)
		return err
	}), recovery.ErrIdentityProvider)
	p.fail, p.own.Subject = nil, ""
	b.begin()
	wantErr(t, b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code"}), recovery.ErrIdentityProvider)
	if d := b.diagnose(); len(d.Identities) > 0 || b.next() != recovery.StepSituation {
		t.Errorf("identities %+v, next %s", d.Identities, b.next())
	}
	p.own.Subject = "7"
	b.own(p)
	if len(b.diagnose().Identities) != 1 {
		t.Error("the next attempt fails too")
	}
}

// While the code is exchanged the owner of the mailbox may say "this wasn't me", or the customer start over.
func TestASessionThatEndedMeanwhile(t *testing.T) {
	for name, tt := range map[string]struct {
		told error
		next recovery.Step
		end  func(h *house, b *browser)
	}{
		"starting over": {recovery.ErrOvertaken, recovery.StepStart, func(h *house, b *browser) {
			other := &browser{h: h, cookie: b.cookie, net: b.net}
			other.must(other.do(h.EndSession))
		}},
		"a case of its own": {recovery.ErrIdentityState, recovery.StepCheckEmail, func(h *house, b *browser) {
			other := &browser{h: h, cookie: b.cookie, net: b.net}
			other.mustFollow(h.reply())
			other.start("z@example.com")
			lineage := other.visitor().Session.Lineage
			h.t.Cleanup(func() {
				proofs, err := h.store.IdentityProofs(context.Background(), lineage, h.clock.Now())
				if err != nil || len(proofs) > 0 {
					h.t.Errorf("the new case has %+v, %v", proofs, err)
				}
			})
		}},
		"disowned": {recovery.ErrNoCase, recovery.StepStart, func(h *house, b *browser) {
			owner := h.browser()
			owner.open(h.token(b.mails(recovery.KindSignIn)[0].AsideID))
			owner.must(owner.do(func(ctx context.Context, v *recovery.Visitor) error {
				return h.DisownByLink(ctx, v, "z@example.com")
			}))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h, p := newIdentityHouse(t)
			b := h.prove("z@example.com")
			b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
				return h.EmailSignInLink(ctx, v, "acc-z@example.com")
			}))
			b.begin()
			p.meantime = func() { tt.end(h, b) }
			lineage := b.visitor().Session.Lineage
			wantErr(t, b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code"}), tt.told)
			proofs, err := h.store.IdentityProofs(t.Context(), lineage, h.clock.Now())
			if err != nil || len(proofs) > 0 || b.next() != tt.next {
				t.Errorf("proofs %+v, %v; next %s, want %s", proofs, err, b.next(), tt.next)
			}
		})
	}
}

func TestAnIdentityHoldsAsLongAsAProof(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	b.own(p)
	holds := func() bool { return len(b.diagnose().Identities) == 1 }
	for range 3 {
		h.clock.Pass(29 * time.Minute)
		if !holds() {
			t.Fatal("it lapses although the browser is there")
		}
	}
	h.clock.Pass(30 * time.Minute)
	b.start("z@example.com")
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	if holds() {
		t.Error("it holds after 30 minutes without a request")
	}
	b.own(p)
	for range 4 {
		h.clock.Pass(29 * time.Minute)
		b.diagnose()
	}
	h.clock.Pass(4 * time.Minute)
	b.start("z@example.com")
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	if holds() {
		t.Error("it holds after two hours")
	}
}

func TestBrowsersAreSentToTheIssuerAlone(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	for _, to := range []string{
		"https://evil.example/authorize", issuer + ".evil.example/", "https://gitlab.example@evil.example/", "//gitlab.example/",
		"http://gitlab.example/", "javascript:alert(1)", portalURL + "/", "",
	} {
		p.at = to
		err := b.do(func(ctx context.Context, v *recovery.Visitor) error {
			_, err := h.BeginIdentity(ctx, v)
			return err
		})
		if !errors.Is(err, recovery.ErrIdentityProvider) || !strings.Contains(err.Error(), "--oidc-origins") {
			t.Errorf("sent to %q, %v; want to be told what to look at", to, err)
		}
	}
	if h.Policy.RedirectAllowed(issuer + "/") {
		t.Error("a one-time URL of the portal may lead to the issuer")
	}
}

func TestWithoutAProviderNothingIsOffered(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	b.own(p)
	h.IdentityProvider = nil
	wantErr(t, b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.BeginIdentity(ctx, v)
		return err
	}), recovery.ErrNotAllowed)
	if d := b.diagnose(); d.CanProveIdentity || len(d.Identities) > 0 || found(t, d, "z@example.com").Account.Identity.Email != "" {
		t.Errorf("offered %t, identities %+v", d.CanProveIdentity, d.Identities)
	}
}

// The email that the provider told at the sign-in decides, where the account data only has a copy of it.
func TestTheProvidersEmailDecides(t *testing.T) {
	h, p := newIdentityHouse(t)
	p.own = signedIn("7", "Z@example.com", true)
	b := h.prove("z@example.com")
	b.own(p)
	if got := found(t, b.diagnose(), "z@example.com").Findings[0].ID; got != diagnosis.Ready {
		t.Errorf("found %s, want ready: the identity has this very email by now", got)
	}
	h.Identities = gitlab{"7": {Provider: "gitlab", Subject: "7", Email: "newest@gitlab.example", EmailVerified: true, State: account.IdentityActive}}
	if got := found(t, b.diagnose(), "z@example.com").Findings[0].ID; got != diagnosis.LinkedEmailMismatch {
		t.Errorf("found %s, want what the identity provider says now", got)
	}
}

// gitlab is what the identity provider says now, by subject.
type gitlab map[string]account.Identity

func (gitlab) Provider() string { return "gitlab" }

func (g gitlab) BySubject(_ context.Context, subject string) (account.Identity, error) {
	if i, ok := g[subject]; ok {
		return i, nil
	}
	return account.Identity{}, recovery.ErrNotFound
}

func (gitlab) ByEmail(context.Context, account.Address) (account.Identity, error) {
	return account.Identity{}, recovery.ErrNotFound
}

// An identity that is blocked by now lets nobody in, however it was signed in to.
func TestABlockedIdentityStaysNeutral(t *testing.T) {
	h, p := newIdentityHouse(t)
	p.own = signedIn("8", "stranger@gitlab.example", true)
	h.Identities = gitlab{"8": {Provider: "gitlab", Subject: "8", Email: "stranger@gitlab.example", EmailVerified: true, State: account.IdentityBlocked}}
	b := h.prove("nobody@example.com")
	b.own(p)
	a := found(t, b.diagnose(), "stranger@example.com")
	if !a.Neutral() || slices.Contains(a.Actions(), diagnosis.EmailSignInLink) {
		t.Errorf("found %s with %v", a.Findings[0].ID, a.Actions())
	}
}

func TestAHandOffSaysHowTheIdentityWasShown(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	b.own(p)
	b.begin()
	wantErr(t, b.comeBack(recovery.IdentityAnswer{State: p.last().State, Error: "access_denied"}), recovery.ErrIdentityDenied)
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.HandOff(ctx, v, "Please help.") }))
	filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
	if err != nil {
		t.Fatal(err)
	}
	e, err := recovery.DecodeEvidence(filed.Evidence)
	if err != nil {
		t.Fatal(err)
	}
	want := []recovery.EvidenceIdentity{{Provider: "gitlab", Subject: "7", Issuer: issuer, At: h.clock.Now()}}
	if !slices.Equal(e.Identities, want) {
		t.Errorf("identities %+v, want %+v", e.Identities, want)
	}
	for _, address := range []string{"her.identity", "copy.of.hers"} {
		if strings.Contains(string(filed.Evidence), address) {
			t.Errorf("the evidence holds %s: %s", address, filed.Evidence)
		}
	}
	var acts []string
	for _, a := range e.Acts {
		acts = append(acts, a.Act+" "+a.Detail)
	}
	for _, step := range []string{
		recovery.ActToIdentity + " " + issuer, recovery.ActOwnIdentity + " " + issuer, recovery.ActNoIdentity + " declined",
	} {
		if !slices.Contains(acts, step) {
			t.Errorf("the audit trail lacks %q: %q", step, acts)
		}
	}
}

// A portal that fails to tell of the identity's accounts is no reason to say that there are none.
func TestAPortalThatDoesNotKnowTheSubject(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("nobody@example.com")
	b.own(p)
	h.portal.failSubject = recovery.ErrPortal
	if d := b.diagnose(); !d.Report.Incomplete || len(d.Report.General) > 0 {
		t.Errorf("incomplete %t, found %+v", d.Report.Incomplete, d.Report.General)
	}
}

func TestErasingTheIdentitysAddress(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	b.own(p)
	gone, err := h.Erase(t.Context(), parse(t, "Her.Identity@gitlab.example"))
	if err != nil || gone != 1 || b.next() != recovery.StepStart {
		t.Errorf("erased %d, %v; next %s", gone, err, b.next())
	}
}
