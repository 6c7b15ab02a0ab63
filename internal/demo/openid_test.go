package demo_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
	"latchkey/internal/oidc"
	"latchkey/internal/recovery"
)

const comeBack = "http://127.0.0.1:1/identity/callback"

var secrets = recovery.IdentitySecrets{State: "state", Nonce: "nonce", Verifier: strings.Repeat("v", 43)}

// gitLab is the demo's, and Latchkey as its client.
type gitLab struct {
	t      *testing.T
	url    string
	client *oidc.Provider
	now    time.Time
}

func newGitLab(t *testing.T) *gitLab {
	t.Helper()
	g := &gitLab{t: t, now: time.Now()} // the client's library has no other clock for what it keeps
	server := httptest.NewUnstartedServer(nil)
	g.url = "http://" + server.Listener.Addr().String()
	portal, err := demo.OpenPortal(t.Context(), demo.Config{
		DataDir: t.TempDir(), Token: "t", PublicURL: func() string { return g.url }, Now: func() time.Time { return g.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	provider, err := demo.NewOpenID(portal, demo.OpenIDConfig{
		Issuer: g.url, ClientID: "latchkey", ClientSecret: "s-e_cret", RedirectURL: comeBack, Now: func() time.Time { return g.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, path := range demo.OpenIDPaths() {
		mux.Handle(path, provider)
	}
	server.Config.Handler = mux
	server.Start()
	t.Cleanup(func() { server.Close(); _ = portal.Close() })
	g.client = g.as("s-e_cret")
	return g
}

func (g *gitLab) as(secret string) *oidc.Provider {
	g.t.Helper()
	p, err := oidc.New(oidc.Config{
		Issuer: g.url, Name: "gitlab", ClientID: "latchkey", ClientSecret: secret, RedirectURL: comeBack,
		Origins: []string{g.url}, Timeout: 5 * time.Second, Now: func() time.Time { return g.now },
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return p
}

func (g *gitLab) asked() url.Values {
	g.t.Helper()
	to, err := g.client.SignInURL(g.t.Context(), secrets)
	if err != nil {
		g.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		g.t.Fatal(err)
	}
	return u.Query()
}

// send asks for the page, or sends its form, and returns what the answer was and where it leads.
func (g *gitLab) send(method string, form url.Values) (status int, back *url.URL, policy string) {
	g.t.Helper()
	to, body := g.url+"/oauth/authorize", io.Reader(strings.NewReader(form.Encode()))
	if method == http.MethodGet {
		to, body = to+"?"+form.Encode(), nil
	}
	r, err := http.NewRequestWithContext(g.t.Context(), method, to, body)
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := stay.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, _ = url.Parse(answer.Header.Get("Location"))
	return answer.StatusCode, back, answer.Header.Get("Content-Security-Policy")
}

func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	maps.Copy(out, form)
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func TestLatchkeySignsInAtTheDemosGitLab(t *testing.T) {
	g := newGitLab(t)
	asked := g.asked()
	if status, _, policy := g.send(http.MethodGet, asked); status != http.StatusOK || !strings.Contains(policy, "form-action 'self' http://127.0.0.1:1;") {
		t.Fatalf("the page answers %d with %s", status, policy)
	}
	status, back, _ := g.send(http.MethodPost, with(asked, "subject", "2000107"))
	if q := back.Query(); status != http.StatusSeeOther || !strings.HasPrefix(back.String(), comeBack+"?") ||
		q.Get("state") != secrets.State || q.Get("iss") != g.url {
		t.Fatalf("answered %d, back to %s", status, back)
	}
	code := back.Query().Get("code")
	got, err := g.client.Redeem(t.Context(), code, secrets)
	if err != nil || got.Subject != "2000107" || got.Email != "gitlabZ@example.com" || !got.EmailVerified {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := g.client.Redeem(t.Context(), code, secrets); !errors.Is(err, recovery.ErrIdentityProvider) {
		t.Errorf("the code works a second time: %v", err)
	}
}

func TestTheDemosGitLabRefuses(t *testing.T) {
	for name, redeem := range map[string]func(g *gitLab, code string) error{
		"another verifier": func(g *gitLab, code string) error {
			other := secrets
			other.Verifier = strings.Repeat("w", 43)
			_, err := g.client.Redeem(context.Background(), code, other)
			return err
		},
		"another secret": func(g *gitLab, code string) error {
			_, err := g.as("guess").Redeem(context.Background(), code, secrets)
			return err
		},
		"a late code": func(g *gitLab, code string) error {
			g.now = g.now.Add(time.Minute)
			_, err := g.client.Redeem(context.Background(), code, secrets)
			return err
		},
		"a made-up code": func(g *gitLab, _ string) error {
			_, err := g.client.Redeem(context.Background(), "made-up", secrets)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGitLab(t)
			_, back, _ := g.send(http.MethodPost, with(g.asked(), "subject", "2000107"))
			if err := redeem(g, back.Query().Get("code")); !errors.Is(err, recovery.ErrIdentityProvider) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What is no request of Latchkey's gets no redirect.
func TestTheDemosGitLabSendsNobodyElsewhere(t *testing.T) {
	g := newGitLab(t)
	asked := g.asked()
	for name, pair := range map[string][2]string{
		"another client":    {"client_id", "other"},
		"another way back":  {"redirect_uri", "https://evil.example/"},
		"a longer way back": {"redirect_uri", comeBack + "/more"},
		"no challenge":      {"code_challenge", ""},
		"a plain challenge": {"code_challenge_method", "plain"},
		"a token at once":   {"response_type", "id_token"},
		"no OpenID":         {"scope", "email"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			status, back, _ := g.send(method, with(asked, "subject", "2000107", pair[0], pair[1]))
			if status != http.StatusNotFound || back.String() != "" {
				t.Errorf("%s, %s: answered %d, to %s", name, method, status, back)
			}
		}
	}
}

func TestWhoGetsNoCode(t *testing.T) {
	g := newGitLab(t)
	asked := g.asked()
	status, back, _ := g.send(http.MethodPost, with(asked, "subject", "2000107", "cancel", "yes"))
	if q := back.Query(); status != http.StatusSeeOther || q.Get("error") != "access_denied" || q.Has("code") {
		t.Errorf("who cancels gets %d, to %s", status, back)
	}
	locked, withoutPassword := "2001016", "2001017"
	for _, subject := range []string{"", "no-such", "2000107 ", locked, withoutPassword} {
		if status, back, _ := g.send(http.MethodPost, with(asked, "subject", subject)); status != http.StatusForbidden || back.String() != "" {
			t.Errorf("%q gets %d, to %s", subject, status, back)
		}
	}
}
