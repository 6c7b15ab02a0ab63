package recovery_test

import (
	"context"
	"slices"
	"testing"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

const issuer = "https://gitlab.example"

// signInPage is an identity provider whose answers the test decides.
type signInPage struct {
	own      account.Identity
	at       string // where browsers are sent
	fail     error
	meantime func() // happens while the code is exchanged
	asked    []recovery.IdentitySecrets
	redeemed []recovery.IdentitySecrets
}

func (p *signInPage) Issuer() string { return issuer }

func (p *signInPage) SignInURL(_ context.Context, s recovery.IdentitySecrets) (string, error) {
	p.asked = append(p.asked, s)
	return p.at, p.fail
}

func (p *signInPage) Redeem(_ context.Context, _ string, s recovery.IdentitySecrets) (account.Identity, error) {
	p.redeemed = append(p.redeemed, s)
	if p.meantime != nil {
		p.meantime()
	}
	return p.own, p.fail
}

// last is the newest request's secrets.
func (p *signInPage) last() recovery.IdentitySecrets { return p.asked[len(p.asked)-1] }

func signedIn(subject, email string, verified bool) account.Identity {
	return account.Identity{Provider: "gitlab", Subject: subject, Email: email, EmailVerified: verified}
}

// newIdentityHouse has customer z, whose account is linked to the identity 7 of another address, and the
// account of a stranger with the identity 8.
func newIdentityHouse(t *testing.T, change ...func(*recovery.Policy)) (*house, *signInPage) {
	t.Helper()
	h := newHouse(t, append(change, func(p *recovery.Policy) { p.IdentityOrigins = []string{issuer} })...)
	p := &signInPage{at: issuer + "/authorize", own: signedIn("7", "her.identity@gitlab.example", true)}
	h.IdentityProvider = p
	h.portal.has(linkedAccount("z@example.com", "7", "copy.of.hers@gitlab.example"))
	h.portal.has(linkedAccount("stranger@example.com", "8", "stranger@gitlab.example"))
	return h, p
}

func linkedAccount(email, subject, identityEmail string) account.Account {
	a := legacyAccount(email)
	i := signedIn(subject, identityEmail, true)
	i.State, i.PasswordEnabled = account.IdentityActive, true
	a.Identity = &i
	return a
}

func (b *browser) begin() string {
	b.h.t.Helper()
	var to string
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) (err error) {
		to, err = b.h.BeginIdentity(ctx, v)
		return err
	}))
	return to
}

func (b *browser) comeBack(a recovery.IdentityAnswer) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.ProveIdentity(ctx, v, a) })
}

// own signs in at the identity provider and comes back.
func (b *browser) own(p *signInPage) {
	b.h.t.Helper()
	b.begin()
	b.must(b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code"}))
}

// found tells of one account of a diagnosis.
func found(t *testing.T, d recovery.Diagnosis, email string) diagnosis.AccountReport {
	t.Helper()
	i := slices.IndexFunc(d.Report.Accounts, func(a diagnosis.AccountReport) bool { return a.Account.Email == email })
	if i < 0 {
		t.Fatalf("%s is not among the accounts shown", email)
	}
	return d.Report.Accounts[i]
}

func TestBothSidesAreNamedToWhoSignsIn(t *testing.T) {
	h, p := newIdentityHouse(t)
	b := h.prove("z@example.com")
	if got := found(t, b.diagnose(), "z@example.com").Account.Identity.Email; got != "" {
		t.Fatalf("before the sign-in the identity is shown as %q", got)
	}
	if to := b.begin(); to != p.at {
		t.Fatalf("sent to %q", to)
	}
	before := b.cookie
	b.must(b.comeBack(recovery.IdentityAnswer{State: p.last().State, Code: "code", Issuer: issuer}))
	if p.redeemed[0] != p.last() {
		t.Error("the code is redeemed with other secrets than it was asked for")
	}
	d := b.diagnose()
	a := found(t, d, "z@example.com")
	if a.Ownership != diagnosis.ByAddress || a.Account.Identity.Email != p.own.Email || a.Findings[0].ID != diagnosis.LinkedEmailMismatch {
		t.Errorf("got %+v", a)
	}
	if len(d.Identities) != 1 || d.Identities[0].Email != p.own.Email || !d.CanProveIdentity || b.next() != recovery.StepSituation {
		t.Errorf("identities %+v, next %s", d.Identities, b.next())
	}
	if before == b.cookie {
		t.Error("the session keeps its id")
	}
	if old := (&browser{h: h, cookie: before}); old.next() != recovery.StepStart {
		t.Error("the id from before the sign-in still works")
	}
}

// An account at another address that is linked to the identity is shown: a link goes to its own address,
// and signing in at once is for the owner of that mailbox alone (R3).
func TestAccountsOfASignedInIdentity(t *testing.T) {
	h, p := newIdentityHouse(t)
	p.own = signedIn("8", "stranger@gitlab.example", true)
	b := h.prove("nobody@example.com")
	b.own(p)
	a := found(t, b.diagnose(), "stranger@example.com")
	if a.Ownership != diagnosis.ByIdentity || a.Account.Identity.Email != p.own.Email {
		t.Errorf("got %+v", a)
	}
	wantErr(t, b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.SignInNow(ctx, v, a.Account.ID)
		return err
	}), recovery.ErrNotAllowed)
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.EmailSignInLink(ctx, v, a.Account.ID) }))
	if to := h.challenge(b.mails(recovery.KindSignIn)[0].ChallengeID).Address; to != "stranger@example.com" {
		t.Errorf("the link goes to %s", to)
	}
}

// An identity that is somebody else's names nothing of this account's, and an identity by the same subject
// at another provider is another one.
func TestAnotherIdentityNamesNothing(t *testing.T) {
	for name, own := range map[string]account.Identity{
		"another subject":                    signedIn("9", "z@example.com", true),
		"the same subject, another provider": {Provider: "other", Subject: "7", Email: "her.identity@gitlab.example", EmailVerified: true},
		"the account's address as its email": signedIn("10", "stranger@example.com", true),
	} {
		t.Run(name, func(t *testing.T) {
			h, p := newIdentityHouse(t)
			p.own = own
			b := h.prove("z@example.com")
			b.own(p)
			d := b.diagnose()
			if len(d.Report.Accounts) != 1 || found(t, d, "z@example.com").Account.Identity.Email != "" {
				t.Errorf("shown: %+v", d.Report.Accounts)
			}
		})
	}
}

// It is the identity that is shown, and no mailbox: its email opens nothing.
func TestAnIdentityIsNoMailbox(t *testing.T) {
	h, p := newIdentityHouse(t)
	p.own = signedIn("9", "stranger@example.com", true)
	b := h.prove("z@example.com")
	b.own(p)
	wantErr(t, b.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.LookAt(ctx, v, "stranger@example.com")
	}), recovery.ErrNotProven)
	fresh := h.browser()
	wantErr(t, fresh.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.BeginIdentity(ctx, v)
		return err
	}), recovery.ErrNoCase)
	fresh.start("stranger@example.com")
	wantErr(t, fresh.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.BeginIdentity(ctx, v)
		return err
	}), recovery.ErrNotProven)
}

func TestAnUnverifiedEmailIsNotKept(t *testing.T) {
	h, p := newIdentityHouse(t)
	p.own = signedIn("7", "stranger@example.com", false)
	b := h.prove("z@example.com")
	b.own(p)
	d := b.diagnose()
	if d.Identities[0].Email != "" || found(t, d, "z@example.com").Account.Identity.Email != "" {
		t.Errorf("shown: %+v, %+v", d.Identities, d.Report.Accounts)
	}
}
