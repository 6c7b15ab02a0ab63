package recovery_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	usersapi "latchkey/internal/gitlab"
	"latchkey/internal/gitlab/gitlabtest"
	"latchkey/internal/recovery"
)

// provider is an identity provider whose answers and failures the test decides.
type provider struct {
	identities []account.Identity
	fail       error
}

func (p *provider) Provider() string { return "gitlab" }

func (p *provider) BySubject(_ context.Context, subject string) (account.Identity, error) {
	return p.find(func(i account.Identity) bool { return i.Subject == subject })
}

func (p *provider) ByEmail(_ context.Context, a account.Address) (account.Identity, error) {
	return p.find(func(i account.Identity) bool { return i.Email == a.Canonical() && i.EmailVerified })
}

func (p *provider) find(is func(account.Identity) bool) (account.Identity, error) {
	if p.fail != nil {
		return account.Identity{}, p.fail
	}
	i := slices.IndexFunc(p.identities, is)
	if i < 0 {
		return account.Identity{}, recovery.ErrNotFound
	}
	return p.identities[i], nil
}

func identity(subject, email string, change ...func(*account.Identity)) account.Identity {
	i := account.Identity{
		Provider: "gitlab", Subject: subject, Email: email, EmailVerified: true, State: account.IdentityActive, PasswordEnabled: true,
	}
	for _, c := range change {
		c(&i)
	}
	return i
}

func linkedTo(email string, i account.Identity) account.Account {
	a := legacyAccount(email)
	a.Identity = &i
	return a
}

const (
	a, b = "a@example.com", "b@example.com"
)

// TestTheIdentitysCurrentEmailDecides is what a page says of an account whose copy of the identity may be
// old.
func TestTheIdentitysCurrentEmailDecides(t *testing.T) {
	mismatch := func(d recovery.Diagnosis) bool { return finds(d, diagnosis.LinkedEmailMismatch) }
	check := func(id diagnosis.CheckID, state diagnosis.CheckState) func(recovery.Diagnosis) bool {
		return func(d recovery.Diagnosis) bool {
			return slices.Contains(d.Report.Checks, diagnosis.Check{ID: id, State: state})
		}
	}
	same := check(diagnosis.CheckSameEmail, diagnosis.CheckRight)
	unmade := check(diagnosis.CheckIdentity, diagnosis.CheckFailed)
	for _, tt := range []struct {
		name                   string
		copy                   account.Identity
		now                    *provider // nil: not configured
		mismatch, same, unmade bool
	}{
		{"the copy is old, they agree now", identity("1", b), &provider{identities: []account.Identity{identity("1", a)}}, false, true, false},
		{"the copy is old, they differ now", identity("1", a), &provider{identities: []account.Identity{identity("1", b)}}, true, false, false},
		{"not configured, the copy agrees", identity("1", a), nil, false, true, false},
		{"not configured, the copy differs", identity("1", b), nil, true, false, false},
		{"failed, the copy agrees", identity("1", a), &provider{fail: recovery.ErrIdentities}, false, false, true},
		{"failed, the copy differs", identity("1", b), &provider{fail: recovery.ErrIdentities}, false, false, true},
		{"gone", identity("1", b), &provider{}, false, false, true},
		{"of another provider", identity("1", b, func(i *account.Identity) { i.Provider = "okta" }), &provider{identities: []account.Identity{identity("1", a)}}, true, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			if tt.now != nil {
				h.Identities = tt.now
			}
			h.portal.has(linkedTo(a, tt.copy))
			d := h.prove(a).diagnose()
			if got := [3]bool{mismatch(d), same(d), unmade(d)}; got != [3]bool{tt.mismatch, tt.same, tt.unmade} {
				t.Errorf("mismatch, same and not checked: %v, want %v", got, [3]bool{tt.mismatch, tt.same, tt.unmade})
			}
			if tt.copy.Email == a && *h.portal.accounts[a][0].Identity != tt.copy {
				t.Error("the portal's own data was changed")
			}
		})
	}
}

// TestOnlyTheProvidersWordEstablishes: an account at B is shown to A while the identity's current,
// confirmed email is A, whatever the copy says (R2).
func TestOnlyTheProvidersWordEstablishes(t *testing.T) {
	unverified := func(i *account.Identity) { i.EmailVerified = false }
	for _, tt := range []struct {
		name string
		copy account.Identity
		now  *provider
		want bool
	}{
		{"now A, the copy is old", identity("1", b), &provider{identities: []account.Identity{identity("1", a)}}, true},
		{"was A, the copy is old", identity("1", a), &provider{identities: []account.Identity{identity("1", b)}}, false},
		{"was A, A is another's now", identity("1", a), &provider{identities: []account.Identity{identity("1", b), identity("2", a)}}, false},
		{"A, not confirmed", identity("1", a), &provider{identities: []account.Identity{identity("1", a, unverified)}}, false},
		{"confirmed by the copy alone", identity("1", a), &provider{}, false},
		{"failed", identity("1", a), &provider{fail: recovery.ErrIdentities}, false},
		{"not configured", identity("1", a), nil, true},
		{"not configured, not confirmed", identity("1", a, unverified), nil, false},
		{"the same id at another provider", identity("1", b, func(i *account.Identity) { i.Provider = "okta" }), &provider{identities: []account.Identity{identity("1", a)}}, false},
		{"another provider's copy", identity("1", a, func(i *account.Identity) { i.Provider = "okta" }), &provider{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			if tt.now != nil {
				h.Identities = tt.now
			}
			h.portal.has(linkedTo(b, tt.copy))
			d := h.prove(a).diagnose()
			if got := len(d.Report.Accounts) == 1; got != tt.want {
				t.Errorf("shown: %t, want %t", got, tt.want)
			}
			failed := tt.now != nil && errors.Is(tt.now.fail, recovery.ErrIdentities)
			if d.Report.Incomplete != failed {
				t.Errorf("incomplete: %t, want %t", d.Report.Incomplete, failed)
			}
		})
	}
}

// TestALockIsNotGuessed: what somebody decided still forbids when the provider is silent; what ends by
// itself is not claimed.
func TestALockIsNotGuessed(t *testing.T) {
	for _, tt := range []struct{ copy, want account.IdentityState }{
		{account.IdentityBlocked, account.IdentityBlocked},
		{account.IdentityLocked, account.IdentityActive},
		{account.IdentityActive, account.IdentityActive},
	} {
		h := newHouse(t)
		h.Identities = &provider{fail: recovery.ErrIdentities}
		h.portal.has(linkedTo(a, identity("1", a, func(i *account.Identity) { i.State = tt.copy })))
		d := h.prove(a).diagnose()
		if got := d.Report.Accounts[0].Account.Identity.State; got != tt.want {
			t.Errorf("copy %q: %q, want %q", tt.copy, got, tt.want)
		}
	}
}

func finds(d recovery.Diagnosis, id diagnosis.ID) bool {
	return slices.ContainsFunc(d.Report.Accounts, func(r diagnosis.AccountReport) bool {
		return slices.ContainsFunc(r.Findings, func(f diagnosis.Finding) bool { return f.ID == id })
	})
}

// TestAFaultyProviderMakesNoFinding asks a real client of a GitLab that is slow, fails or talks nonsense: the
// page comes, the other checks are made, and nothing wrong is found.
func TestAFaultyProviderMakesNoFinding(t *testing.T) {
	for name, fault := range map[string]gitlabtest.Fault{
		"slow":     {Hang: true},
		"failing":  {Status: 500},
		"limited":  {Status: 429},
		"broken":   {Reset: true},
		"nonsense": {Body: `{"id":1,"username":"x","state":"active","email":"other@example.com"}`},
		"a page":   {Body: "<h1>GitLab is down</h1>"},
	} {
		t.Run(name, func(t *testing.T) {
			server := gitlabtest.New(gitlabtest.Options{Users: &gitlabtest.Directory{}, Token: "t"})
			server.Fail(fault)
			listener := httptest.NewServer(server)
			t.Cleanup(func() { server.Close(); listener.Close() })
			client, err := usersapi.New(usersapi.Config{BaseURL: listener.URL, Token: "t", Timeout: 400 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			h := newHouse(t)
			h.Identities = client
			h.portal.has(linkedTo(a, identity("1", b)))
			d := h.prove(a).diagnose()
			if len(d.Report.Accounts) != 1 || d.Report.Incomplete || finds(d, diagnosis.LinkedEmailMismatch) {
				t.Errorf("accounts %d, incomplete %t, findings %v", len(d.Report.Accounts), d.Report.Incomplete, d.Report.Accounts)
			}
			for _, want := range []diagnosis.Check{
				{ID: diagnosis.CheckIdentity, State: diagnosis.CheckFailed},
				{ID: diagnosis.CheckLinkedAccounts, State: diagnosis.CheckFailed},
				{ID: diagnosis.CheckAddressConfirmed, State: diagnosis.CheckRight},
				{ID: diagnosis.CheckLinked, State: diagnosis.CheckRight},
			} {
				if !slices.Contains(d.Report.Checks, want) {
					t.Errorf("no %v among %v", want, d.Report.Checks)
				}
			}
			if !d.Report.Allows(d.Report.Accounts[0].Account.ID, diagnosis.HandOff) {
				t.Error("no hand-off")
			}
		})
	}
}

// An identity that was blocked after the mail went out: its link is asked of the provider, too (R3).
func TestMailedLinkDoesNothingOnceTheIdentityIsBlocked(t *testing.T) {
	const a = "ann@example.com"
	h := newHouse(t)
	now := &provider{identities: []account.Identity{identity("1", a)}}
	h.Identities = now
	h.portal.has(linkedTo(a, identity("1", "other@example.com")))
	now.identities[0].Email = "other@example.com"
	b := h.prove(a)
	b.must(b.mailSignIn("acc-" + a))
	b.open(h.token(b.mails(recovery.KindSignIn)[0].ChallengeID))
	now.identities[0].State = account.IdentityBlocked
	_, err := b.pressSignIn("")
	wantErr(t, err, recovery.ErrLinkDead)
	if h.portal.links != 0 {
		t.Error("the portal was asked for a link")
	}
}
