package customerportal_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/customerportal"
)

func TestLinksAreAskedForByPost(t *testing.T) {
	var path string
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.Method + " " + r.URL.EscapedPath()
		if r.URL.Path == "/v1/accounts/a/b 1/confirmations" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		answers(201, "application/json", `{"url":"https://p.example/x?y","expires_at":"2026-01-01T00:00:00Z"}`)(w, r)
	}))
	const id = "a/b 1"
	link, err := c.SignInLink(t.Context(), id)
	if err != nil || link != "https://p.example/x?y" || path != "POST /v1/accounts/a%2Fb%201/sign-in-links" {
		t.Errorf("got %q, %v by %s", link, err, path)
	}
	link, err = c.ConfirmationLink(t.Context(), id)
	if err != nil || link != "https://p.example/x?y" || path != "POST /v1/accounts/a%2Fb%201/confirmation-links" {
		t.Errorf("got %q, %v by %s", link, err, path)
	}
	if err := c.SendConfirmation(t.Context(), id); err != nil || path != "POST /v1/accounts/a%2Fb%201/confirmations" {
		t.Errorf("got %v by %s", err, path)
	}
}

func TestALinkThatIsNone(t *testing.T) {
	for _, body := range []string{
		`{"url":"","expires_at":"2026-01-01T00:00:00Z"}`,
		`{"url":"/customers","expires_at":"2026-01-01T00:00:00Z"}`,
		`{"url":"//p.example/x","expires_at":"2026-01-01T00:00:00Z"}`,
		`{"url":"javascript:alert(1)","expires_at":"2026-01-01T00:00:00Z"}`,
		`{"url":"https://p.example/x"}`,
		`{"expires_at":"2026-01-01T00:00:00Z"}`,
		`{"url":"https://p.example/x","expires_at":"soon"}`,
		`{}`,
	} {
		link, err := newClient(t, answers(201, "application/json", body)).SignInLink(t.Context(), "1007")
		if link != "" {
			t.Errorf("%s: got %q", body, link)
		}
		checkError(t, err, customerportal.OutcomeNonsense)
	}
	err := newClient(t, answers(200, "application/json", "{}")).SendConfirmation(t.Context(), "1007")
	checkError(t, err, customerportal.OutcomeNonsense)
}

func TestAnIDThatIsNoneAsksNothing(t *testing.T) {
	var calls atomic.Int32
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	for _, id := range []string{"", ".", "..", "a\nb"} {
		_, err := c.SignInLink(t.Context(), id)
		checkError(t, err, customerportal.OutcomeNonsense)
		checkError(t, c.SendConfirmation(t.Context(), id), customerportal.OutcomeNonsense)
	}
	if calls.Load() != 0 {
		t.Errorf("%d calls", calls.Load())
	}
}

type observed struct {
	op      customerportal.Op
	outcome customerportal.Outcome
}

type observer struct{ seen []observed }

func (o *observer) PortalCalled(op customerportal.Op, failure *customerportal.Error, took time.Duration) {
	outcome := customerportal.OutcomeOK
	if failure != nil {
		outcome = failure.Outcome
	}
	if took <= 0 {
		outcome = "without a duration"
	}
	o.seen = append(o.seen, observed{op, outcome})
}

func TestTheObserverSeesEachCallOnce(t *testing.T) {
	o := &observer{}
	with := func(c *customerportal.Config) { c.Observer = o }
	_, _ = newClient(t, answers(200, "application/json", accounts(zoe)), with).AccountsByEmail(t.Context(), address(t, asked))
	_, _ = newClient(t, answers(503, "", ""), with).AccountsSimilarTo(t.Context(), address(t, asked))
	_ = newClient(t, answers(401, "", ""), with).Healthy(t.Context())
	// The answer is sound JSON and of the right shape, and about somebody else.
	_, _ = newClient(t, answers(200, "application/json", accounts(zoe)), with).AccountsByEmail(t.Context(), address(t, "other@example.com"))
	_, _ = newClient(t, answers(201, "application/json", `{"url":"x","expires_at":"2026-01-01T00:00:00Z"}`), with).SignInLink(t.Context(), "1007")
	want := []observed{
		{customerportal.OpAccountsByEmail, customerportal.OutcomeOK},
		{customerportal.OpAccountsSimilarTo, customerportal.OutcomeFailed},
		{customerportal.OpHealth, customerportal.OutcomeRefused},
		{customerportal.OpAccountsByEmail, customerportal.OutcomeNonsense},
		{customerportal.OpSignInLink, customerportal.OutcomeNonsense},
	}
	if len(o.seen) != len(want) {
		t.Fatalf("seen %v, want %v", o.seen, want)
	}
	for i := range want {
		if o.seen[i] != want[i] {
			t.Errorf("call %d: seen %v, want %v", i, o.seen[i], want[i])
		}
	}
}

// A portal whose URL leads to a site and not to its API is told when serve starts.
func TestHealthIsAJSONObject(t *testing.T) {
	for _, tt := range []struct {
		media, body string
		want        customerportal.Outcome
	}{
		{"application/json", `{"status":"ok"}`, customerportal.OutcomeOK},
		{"application/json; charset=utf-8", `{}`, customerportal.OutcomeOK},
		{"text/html", "<!doctype html><title>Sign in</title>", customerportal.OutcomeNonsense},
		{"text/plain", "ok", customerportal.OutcomeNonsense},
		{"application/json", `"ok"`, customerportal.OutcomeNonsense},
		{"application/json", "null", customerportal.OutcomeNonsense},
		{"application/json", "", customerportal.OutcomeNonsense},
	} {
		o := &observer{}
		with := func(c *customerportal.Config) { c.Observer = o }
		err := newClient(t, answers(200, tt.media, tt.body), with).Healthy(t.Context())
		if len(o.seen) != 1 || o.seen[0].outcome != tt.want || (err == nil) != (tt.want == customerportal.OutcomeOK) {
			t.Errorf("%s %q: %v, seen as %v, want %s", tt.media, tt.body, err, o.seen, tt.want)
		}
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	good := customerportal.Config{BaseURL: "https://customers.example.com/api", Token: "t"}
	if _, err := customerportal.New(good); err != nil {
		t.Errorf("a good configuration: %v", err)
	}
	for name, change := range map[string]func(*customerportal.Config){
		"no URL":              func(c *customerportal.Config) { c.BaseURL = "" },
		"no scheme":           func(c *customerportal.Config) { c.BaseURL = "customers.example.com" },
		"another scheme":      func(c *customerportal.Config) { c.BaseURL = "ftp://customers.example.com" },
		"a query":             func(c *customerportal.Config) { c.BaseURL += "?a=b" },
		"a user":              func(c *customerportal.Config) { c.BaseURL = "https://u:p@customers.example.com" },
		"no token":            func(c *customerportal.Config) { c.Token = "" },
		"a token with spaces": func(c *customerportal.Config) { c.Token = "a b" },
	} {
		cfg := good
		change(&cfg)
		if _, err := customerportal.New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
