package oidc_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/oidc"
	"latchkey/internal/oidc/oidctest"
	"latchkey/internal/recovery"
)

const back = "http://127.0.0.1:8080/identity/callback"

var (
	zoe  = oidctest.Person{Subject: "2000107", Username: "gitlabz", Email: "gitlabZ@example.com", EmailVerified: true}
	mal  = oidctest.Person{Subject: "666", Username: "mal", Email: "victim@example.com"}
	want = account.Identity{
		Provider: "gitlab", Subject: "2000107", Email: "gitlabZ@example.com", EmailVerified: true,
		State: account.IdentityActive,
	}
)

// secrets are one sign-in's, as recovery would derive them.
var secrets = recovery.IdentitySecrets{
	State: "state-of-one", Nonce: "nonce-of-one", Verifier: strings.Repeat("verifier-of-one", 3),
}

func client(t *testing.T, at *oidctest.Provider, change ...func(*oidc.Config)) *oidc.Provider {
	t.Helper()
	c := oidc.Config{
		Issuer: at.URL, Name: "gitlab", ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
		RedirectURL: back, Origins: []string{at.URL}, Timeout: 5 * time.Second, Now: time.Now, // tokens are as old as the provider's clock
	}
	for _, f := range change {
		f(&c)
	}
	p, err := oidc.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin is the URL that a browser is sent to.
func begin(t *testing.T, p *oidc.Provider) string {
	t.Helper()
	at, err := p.SignInURL(t.Context(), secrets)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// code signs a person in and returns what the browser brings back.
func code(t *testing.T, p *oidc.Provider, at *oidctest.Provider, who oidctest.Person) string {
	t.Helper()
	got := at.SignIn(t, begin(t, p), who.Username).Query()
	if got.Get("state") != secrets.State || got.Get("code") == "" {
		t.Fatalf("the browser brings back %v", got)
	}
	return got.Get("code")
}

func TestSignIn(t *testing.T) {
	unverified := account.Identity{Provider: "gitlab", Subject: "666", State: account.IdentityActive}
	for _, tt := range []struct {
		name    string
		inToken bool
		who     oidctest.Person
		want    account.Identity
	}{
		{"the email in the ID token", true, zoe, want},
		{"the email at the user-info endpoint", false, zoe, want},
		{"an email that is not verified", true, mal, unverified},
		{"an email that is not verified, at the user-info endpoint", false, mal, unverified},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := oidctest.Start(t, back, zoe, mal)
			at.EmailInToken = tt.inToken
			p := client(t, at)
			got, err := p.Redeem(t.Context(), code(t, p, at, tt.who), secrets)
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
			if asked := at.Calls("/userinfo") > 0; asked == tt.inToken {
				t.Errorf("the user-info endpoint was asked: %t", asked)
			}
		})
	}
}

func TestSignInURL(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	u, err := url.Parse(begin(t, client(t, at)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(u.String(), at.URL+"/") {
		t.Errorf("leads to %s, want the issuer", u.Host)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": oidctest.ClientID, "redirect_uri": back, "scope": "openid email",
		"state": secrets.State, "nonce": secrets.Nonce, "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if q.Get("code_challenge") == "" || strings.Contains(u.String(), secrets.Verifier) ||
		strings.Contains(u.String(), oidctest.ClientSecret) {
		t.Errorf("the URL has no challenge, or holds what it must not: %v", q)
	}
}

// Whatever is wrong with what a browser brings back, a real provider or the checks refuse it.
func TestWhatIsNotOfThisSignInIsRefused(t *testing.T) {
	other := func(change func(*recovery.IdentitySecrets)) recovery.IdentitySecrets {
		s := secrets
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name   string
		redeem recovery.IdentitySecrets
		code   func(code string) string
		client func(*oidc.Config)
	}{
		{name: "another nonce", redeem: other(func(s *recovery.IdentitySecrets) { s.Nonce = "nonce-of-another" })},
		{name: "no nonce", redeem: other(func(s *recovery.IdentitySecrets) { s.Nonce = "" })},
		{name: "another verifier", redeem: other(func(s *recovery.IdentitySecrets) { s.Verifier = strings.Repeat("v", 43) })},
		{name: "no verifier", redeem: other(func(s *recovery.IdentitySecrets) { s.Verifier = "" })},
		{name: "a made-up code", redeem: secrets, code: func(string) string { return "made-up" }},
		{name: "an altered code", redeem: secrets, code: func(c string) string { return c + "A" }},
		{name: "no code", redeem: secrets, code: func(string) string { return "" }},
		{name: "an expired ID token", redeem: secrets, client: func(c *oidc.Config) {
			c.Now = func() time.Time { return time.Now().Add(90 * time.Minute) }
		}},
		{name: "a wrong client secret", redeem: secrets, client: func(c *oidc.Config) { c.ClientSecret = "guess" }},
		{name: "no client secret", redeem: secrets, client: func(c *oidc.Config) { c.ClientSecret = "" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := oidctest.Start(t, back, zoe)
			p := client(t, at, func(c *oidc.Config) {
				if tt.client != nil {
					tt.client(c)
				}
			})
			brought := code(t, p, at, zoe)
			if tt.code != nil {
				brought = tt.code(brought)
			}
			got, err := p.Redeem(t.Context(), brought, tt.redeem)
			refused(t, got, err, brought)
		})
	}
}

func TestACodeWorksOnce(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	p := client(t, at)
	brought := code(t, p, at, zoe)
	if _, err := p.Redeem(t.Context(), brought, secrets); err != nil {
		t.Fatal(err)
	}
	got, err := p.Redeem(t.Context(), brought, secrets)
	refused(t, got, err, brought)
}

func TestACodeOfAnotherProviderIsRefused(t *testing.T) {
	at, foreign := oidctest.Start(t, back, zoe), oidctest.Start(t, back, zoe)
	brought := code(t, client(t, foreign), foreign, zoe)
	got, err := client(t, at).Redeem(t.Context(), brought, secrets)
	refused(t, got, err, brought)
}

// A provider that is down costs nothing but the attempt.
func TestAProviderThatIsDown(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	p := client(t, at)
	brought := code(t, p, at, zoe)
	at.Stop()
	got, err := p.Redeem(t.Context(), brought, secrets)
	refused(t, got, err, brought)
	if _, err = client(t, at).SignInURL(t.Context(), secrets); !errors.Is(err, recovery.ErrIdentityProvider) {
		t.Errorf("beginning: got %v", err)
	}
}

func TestTheDeadlineIsKept(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	p := client(t, at)
	brought := code(t, p, at, zoe)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := p.Redeem(over, brought, secrets)
	refused(t, got, err, brought)
	if _, err := client(t, at).SignInURL(over, secrets); !errors.Is(err, recovery.ErrIdentityProvider) {
		t.Errorf("beginning: got %v", err)
	}
}

func TestTheProviderIsFoundOutAboutOnce(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	p := client(t, at)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := p.SignInURL(t.Context(), secrets); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := at.Calls("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// refused checks that nothing came of it, and that the error may be logged (R11).
func refused(t *testing.T, got account.Identity, err error, brought string) {
	t.Helper()
	if !errors.Is(err, recovery.ErrIdentityProvider) || got != (account.Identity{}) {
		t.Fatalf("got %+v, %v; want nothing and ErrIdentityProvider", got, err)
	}
	for _, secret := range []string{brought, secrets.Nonce, secrets.Verifier, oidctest.ClientSecret, "eyJ", "@"} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
	t.Log(err)
}
