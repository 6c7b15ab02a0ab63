package ops_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

func get(t *testing.T, h http.Handler, url string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}

func up(context.Context) error { return nil }

func TestHealthAndReadiness(t *testing.T) {
	var down error
	s := ops.New(ops.Config{Metrics: ops.NewMetrics("test"), Ping: func(context.Context) error { return down }})
	for _, tt := range []struct {
		name           string
		ready          bool
		down           error
		health, readyz int
	}{
		{"starting", false, nil, 200, 503},
		{"ready", true, nil, 200, 200},
		{"database away", true, errors.New("no route to 192.0.2.1"), 200, 503},
		{"stopping", false, nil, 200, 503},
	} {
		s.SetReady(tt.ready)
		down = tt.down
		if got := get(t, s, "http://localhost/healthz").Code; got != tt.health {
			t.Errorf("%s: /healthz answers %d, want %d", tt.name, got, tt.health)
		}
		w := get(t, s, "http://localhost/readyz")
		if w.Code != tt.readyz {
			t.Errorf("%s: /readyz answers %d, want %d", tt.name, w.Code, tt.readyz)
		}
		if strings.Contains(w.Body.String(), "192.0.2.1") {
			t.Errorf("%s: /readyz tells %q", tt.name, w.Body)
		}
	}
}

func TestReadinessDoesNotWaitForADatabaseThatHangs(t *testing.T) {
	s := ops.New(ops.Config{Metrics: ops.NewMetrics("test"), Ping: func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded {
			return nil
		}
		return context.DeadlineExceeded
	}})
	s.SetReady(true)
	if got := get(t, s, "http://localhost/readyz").Code; got != 503 {
		t.Errorf("/readyz asks without a deadline, or hides that none came: %d, want 503", got)
	}
}

func TestMountedRoutesAndHosts(t *testing.T) {
	s := ops.New(ops.Config{Metrics: ops.NewMetrics("test"), Ping: up, LoopbackNames: true})
	s.Mount("GET /inbox", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for url, want := range map[string]int{
		"http://localhost/inbox":        418,
		"http://localhost:8081/inbox":   418,
		"http://127.0.0.1:8081/inbox":   418,
		"http://[::1]:8081/inbox":       418,
		"http://[::1]/inbox":            418,
		"http://localhost/nothing":      404,
		"http://evil.example/inbox":     421,
		"http://evil.example/metrics":   421,
		"http://localhost.evil.example": 421,
		"http://192.0.2.1:8081/inbox":   421,
	} {
		if got := get(t, s, url).Code; got != want {
			t.Errorf("%s answers %d, want %d", url, got, want)
		}
	}
	open := ops.New(ops.Config{Metrics: ops.NewMetrics("test"), Ping: up})
	if got := get(t, open, "http://latchkey-ops:8081/metrics").Code; got != 200 {
		t.Errorf("without LoopbackNames a scraper's name answers %d, want 200", got)
	}
}

// Whatever is answered loads nothing, is framed nowhere and is kept by nobody (R9); a page may say more.
func TestEveryAnswerIsClosed(t *testing.T) {
	s := ops.New(ops.Config{Metrics: ops.NewMetrics("test"), Ping: up, LoopbackNames: true})
	s.Mount("GET /inbox", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
	}))
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/nothing", "/inbox"} {
		for _, host := range []string{"localhost", "evil.example"} {
			h := get(t, s, "http://"+host+path).Header()
			policy := "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
			if path == "/inbox" && host == "localhost" {
				policy = "default-src 'self'"
			}
			for name, want := range map[string]string{
				"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s of %s: %s is %q, want %q", path, host, name, got, want)
				}
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	m := ops.NewMetrics("1.2.3")
	m.Request("/check-email", "GET", 200, 3*time.Millisecond)
	m.Request("/check-email", "GET", 204, 3*time.Millisecond)
	m.Request("", "BREW", 405, time.Millisecond)
	m.MailSent(recovery.KindProve, 70*time.Millisecond)
	m.MailMoved(recovery.KindProve, recovery.StateDelivered)
	m.MailFailed(recovery.KindProve, "temporary", false)
	m.MailFailed(recovery.KindProve, "temporary", false)
	m.MailFailed(recovery.KindProve, "permanent", true)
	now := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	m.WatchQueue(func(context.Context) (int, time.Time, error) {
		return 7, now.Add(-90 * time.Second), nil
	}, func() time.Time { return now })
	m.WatchPause(func() time.Duration { return 90 * time.Minute })
	m.WatchRoom(func() bool { return true })
	m.WatchHandOffs(func(context.Context) (recovery.HandOffStats, error) {
		return recovery.HandOffStats{Waiting: 3, Late: 2, Oldest: now.Add(-25 * time.Hour)}, nil
	}, func() time.Time { return now })
	m.PortalCalled("accounts", "ok", time.Second)
	m.IdentityAsked("user", "ok", time.Second)
	m.Step(recovery.ActProven)
	m.Step("blind:sent")
	m.Step("capped:mail-all")
	m.LimitRefused("starts")
	m.LimitStoreFailed()

	s := ops.New(ops.Config{Metrics: m, Ping: up})
	answer := get(t, s, "http://localhost/metrics")
	// Prometheus takes no answer that does not say which format it is.
	if got, want := answer.Header().Get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8"; got != want {
		t.Errorf("/metrics is %q, want %q", got, want)
	}
	body := answer.Body.String()
	for _, want := range []string{
		"# TYPE latchkey_http_requests_total counter\n",
		"# TYPE latchkey_http_request_seconds histogram\n",
		"# TYPE latchkey_outbox_depth gauge\n",
		`latchkey_http_requests_total{method="GET",route="/check-email",status="2xx"} 2`,
		`latchkey_http_requests_total{method="other",route="none",status="4xx"} 1`,
		`latchkey_http_request_seconds_count{method="GET",route="/check-email"} 2`,
		`latchkey_deliveries_total{kind="prove",state="accepted"} 1`,
		`latchkey_deliveries_total{kind="prove",state="delivered"} 1`,
		`latchkey_deliveries_total{kind="prove",state="failed"} 1`,
		`latchkey_delivery_faults_total{class="temporary",kind="prove"} 2`,
		`latchkey_delivery_accepted_seconds_bucket{kind="prove",le="0.1"} 1`,
		`latchkey_outbox_depth 7`,
		`latchkey_outbox_oldest_seconds 90`,
		`latchkey_outbox_paused_seconds 5400`,
		`latchkey_database_full 1`,
		`latchkey_handoffs_waiting 3`,
		`latchkey_handoffs_overdue 2`,
		`latchkey_handoffs_oldest_seconds 90000`,
		`latchkey_portal_calls_total{call="accounts",outcome="ok"} 1`,
		`latchkey_case_steps_total{step="proven"} 1`,
		`latchkey_blind_mails_total{outcome="sent"} 1`,
		`latchkey_limit_refusals_total{limit="starts"} 1`,
		`latchkey_limit_refusals_total{limit="mail-all"} 1`,
		`latchkey_limit_store_faults_total 1`,
		`latchkey_build_info{version="1.2.3"} 1`,
		`go_goroutines `,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	expectDescribed(t, body)
	if strings.Contains(body, `step="blind`) || strings.Contains(body, `step="capped`) || strings.Contains(body, "BREW") {
		t.Error("/metrics has a blind mail among the steps, or a stranger's method")
	}
}

// expectDescribed checks that the README's table has each metric of an exposition, and no other.
func expectDescribed(t *testing.T, body string) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for line := range strings.Lines(string(readme)) {
		names, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), "|")
		for _, name := range regexp.MustCompile("`(latchkey_[a-z_]+)`").FindAllStringSubmatch(names, -1) {
			described[name[1]] = described[name[1]] || strings.HasPrefix(line, "| ")
		}
	}
	counted := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^(latchkey_\w+?)(_bucket|_sum|_count)?[{ ]`).FindAllStringSubmatch(body, -1) {
		counted[found[1]] = true
	}
	for name := range counted {
		if !described[name] {
			t.Errorf("the README does not say what %s is", name)
		}
	}
	for name, inTable := range described {
		if inTable && !counted[name] {
			t.Errorf("the README describes %s, which is not there", name)
		}
	}
}

func TestTwoRegistriesDoNotMeet(t *testing.T) {
	a, b := ops.NewMetrics("a"), ops.NewMetrics("b")
	a.Step("proven")
	body := get(t, b.Handler(), "http://localhost/").Body.String()
	if strings.Contains(body, "latchkey_case_steps_total{") {
		t.Error("what one registry counts stands in another")
	}
}
