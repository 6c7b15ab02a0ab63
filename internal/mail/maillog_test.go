package mail_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
)

func mailLog(t *testing.T, base string, change ...func(*mail.LogConfig)) *mail.Log {
	t.Helper()
	c := mail.LogConfig{
		Identity: []mail.LogDomain{{Domain: identityDomain, APIKey: "key-identity", Base: base}},
		Portal:   []mail.LogDomain{{Domain: portalDomain, APIKey: "key-portal", Base: base}},
		Now:      func() time.Time { return now },
	}
	for _, f := range change {
		f(&c)
	}
	l, err := mail.NewLog(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var week = now.Add(-7 * 24 * time.Hour)

// apis runs a test against the Logs API and against the Events API, where there is no other.
func apis(t *testing.T, test func(t *testing.T, s *mailguntest.Server, base string)) {
	for name, noLogs := range map[string]bool{"logs": false, "events": true} {
		t.Run(name, func(t *testing.T) {
			s, base := service(t, func(o *mailguntest.Options) { o.NoLogs = noLogs })
			test(t, s, base)
		})
	}
}

func TestPasswordResets(t *testing.T) {
	const reset = "Reset password instructions"
	hour := func(n int) time.Time { return now.Add(-time.Duration(n) * time.Hour) }
	tests := []struct {
		name             string
		sent             func(s *mailguntest.Server)
		identity, portal time.Time
	}{
		{"nothing", func(*mailguntest.Server) {}, time.Time{}, time.Time{}},
		{"one from the identity provider", func(s *mailguntest.Server) {
			s.AddSent(identityDomain, customer, reset, hour(5))
		}, hour(5), time.Time{}},
		{"the newest of several", func(s *mailguntest.Server) {
			for _, h := range []int{9, 3, 6} {
				s.AddSent(identityDomain, customer, reset, hour(h))
			}
			s.AddSent(portalDomain, customer, reset, hour(4))
		}, hour(3), hour(4)},
		{"too long ago", func(s *mailguntest.Server) {
			s.AddSent(identityDomain, customer, reset, hour(7*24+1))
		}, time.Time{}, time.Time{}},
		{"to somebody else", func(s *mailguntest.Server) {
			s.AddSent(identityDomain, "other@example.com", reset, hour(1))
		}, time.Time{}, time.Time{}},
		{"another mail", func(s *mailguntest.Server) {
			s.AddSent(identityDomain, customer, "Your pipeline has failed", hour(1))
		}, time.Time{}, time.Time{}},
		{"in another case", func(s *mailguntest.Server) {
			s.AddSent(identityDomain, strings.ToUpper(customer), "RESET your PASSWORD", hour(1))
		}, hour(1), time.Time{}},
		{"by its tag", func(s *mailguntest.Server) {
			s.AddSent(identityDomain, customer, "Passwort", hour(2), "Account-Reset")
		}, hour(2), time.Time{}},
		{"on a later page", func(s *mailguntest.Server) {
			for i := range 250 {
				s.AddSent(identityDomain, customer, "Merge request", now.Add(-time.Duration(i)*time.Minute))
			}
			s.AddSent(identityDomain, customer, reset, hour(24))
		}, hour(24), time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			apis(t, func(t *testing.T, s *mailguntest.Server, base string) {
				tt.sent(s)
				l := mailLog(t, base, func(c *mail.LogConfig) { c.Tags = []string{"account-reset"} })
				got, err := l.PasswordResets(t.Context(), address(t, customer), week)
				if err != nil {
					t.Fatal(err)
				}
				from := ""
				if !tt.identity.IsZero() {
					from = identityDomain
				}
				if !got.Identity.Equal(tt.identity) || !got.Portal.Equal(tt.portal) || got.From != from {
					t.Errorf("got %+v, want %v from %q and %v", got, tt.identity, from, tt.portal)
				}
			})
		})
	}
}

func TestPasswordResetsAreCachedBriefly(t *testing.T) {
	s, base := service(t)
	clock := now
	l := mailLog(t, base, func(c *mail.LogConfig) { c.Now = func() time.Time { return clock } })
	ask := func() int {
		if _, err := l.PasswordResets(t.Context(), address(t, customer), week); err != nil {
			t.Fatal(err)
		}
		return len(s.Wire())
	}
	if first, second := ask(), ask(); first != 2 || second != 2 {
		t.Errorf("%d and %d requests, want 2 and no more", first, second)
	}
	clock = clock.Add(2 * time.Minute)
	if third := ask(); third != 4 {
		t.Errorf("%d requests after the cache was old, want 4", third)
	}
}

func TestAnAnswerIsGoodForWhatWasAsked(t *testing.T) {
	s, base := service(t)
	s.AddSent(identityDomain, customer, "Reset your password", now.Add(-48*time.Hour))
	l := mailLog(t, base)
	for _, tt := range []struct {
		back time.Duration
		want bool
	}{{24 * time.Hour, false}, {72 * time.Hour, true}, {24 * time.Hour, false}} {
		got, err := l.PasswordResets(t.Context(), address(t, customer), now.Add(-tt.back))
		if err != nil || got.Identity.IsZero() == tt.want {
			t.Errorf("%v back: got %v, %v; want one: %v", tt.back, got, err, tt.want)
		}
	}
}

// The service answers with more than it was asked for: other domains, other mailboxes, older mails.
func TestWhatTheLogAnswersIsComparedAgain(t *testing.T) {
	item := func(domain, to string, at time.Time) string {
		return fmt.Sprintf(`{"@timestamp":%q,"recipient":%q,"domain":{"name":%q},"message":{"headers":{"subject":"Reset password"}}}`,
			at.Format(time.RFC3339Nano), to, domain)
	}
	hour := now.Add(-time.Hour)
	wrong := []string{
		item(portalDomain, customer, hour), item(identityDomain, "other@example.com", hour),
		item(identityDomain, "not an address", hour), item(identityDomain, customer, week.Add(-time.Hour)),
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"items":[%s]}`, strings.Join(wrong, ","))
	}))
	defer web.Close()
	l := mailLog(t, web.URL+"/v3", func(c *mail.LogConfig) { c.Portal = nil })
	got, err := l.PasswordResets(t.Context(), address(t, customer), week)
	if err != nil || !got.Identity.IsZero() {
		t.Errorf("got %v, %v; want none", got, err)
	}
}

func TestOneDomainThatCannotBeReadIsEnough(t *testing.T) {
	for _, broken := range []string{"key-identity", "key-portal"} {
		s, _ := service(t)
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, key, _ := r.BasicAuth(); key == broken {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			s.ServeHTTP(w, r)
		}))
		_, err := mailLog(t, web.URL+"/v3").PasswordResets(t.Context(), address(t, customer), week)
		web.Close()
		if !errors.Is(err, mail.ErrMailLog) {
			t.Errorf("%s: got %v, want ErrMailLog", broken, err)
		}
	}
}

func TestTheLogsAPIIsNotTriedAgainWhereThereIsNone(t *testing.T) {
	s, base := service(t, func(o *mailguntest.Options) { o.NoLogs = true })
	l := mailLog(t, base)
	for _, a := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		if _, err := l.PasswordResets(t.Context(), address(t, a), week); err != nil {
			t.Fatal(err)
		}
	}
	tried := 0
	for _, r := range s.Wire() {
		if strings.HasPrefix(r.URI, "/v1/") {
			tried++
		}
	}
	if tried != 2 {
		t.Errorf("the Logs API was asked %d times, want once a domain", tried)
	}
}

func TestALogThatCannotBeReadIsAnErrorWithoutTheAddress(t *testing.T) {
	for _, status := range []int{429, 500, 503, 200} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "%s %s", r.RequestURI, customer)
		}))
		_, err := mailLog(t, web.URL+"/v3").PasswordResets(t.Context(), address(t, customer), week)
		web.Close()
		if !errors.Is(err, mail.ErrMailLog) {
			t.Fatalf("status %d: got %v, want ErrMailLog", status, err)
		}
		noAddress(t, err.Error(), customer)
	}
	web := httptest.NewServer(http.NotFoundHandler()) // neither API
	defer web.Close()
	_, err := mailLog(t, web.URL+"/v3").PasswordResets(t.Context(), address(t, customer), week)
	if !errors.Is(err, mail.ErrMailLog) {
		t.Fatalf("got %v, want ErrMailLog", err)
	}
	noAddress(t, err.Error(), customer)
}

func TestEachDomainIsAskedWithItsOwnKey(t *testing.T) {
	apis(t, func(t *testing.T, s *mailguntest.Server, base string) {
		if _, err := mailLog(t, base).PasswordResets(t.Context(), address(t, customer), week); err != nil {
			t.Fatal(err)
		}
		for _, r := range s.Wire() {
			if !r.Authorized {
				t.Errorf("%s %s with a wrong key", r.Method, r.URI)
			}
		}
	})
}
