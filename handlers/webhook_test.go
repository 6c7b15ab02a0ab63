package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/handlers"
)

// reports remembers what it was given and answers as told.
type reports struct {
	bodies []string
	answer func() error
}

func (r *reports) Report(_ context.Context, body []byte) error {
	r.bodies = append(r.bodies, string(body))
	if r.answer == nil {
		return nil
	}
	return r.answer()
}

func newReportedHouse(t *testing.T) (*house, *reports) {
	r := &reports{}
	return newHouse(t, func(c *handlers.Config) { c.Reports = r }), r
}

const webhookPath = "/webhooks/mailgun"

func TestReportsAreAnsweredInTheMailServicesTerms(t *testing.T) {
	const secret = "customer@example.com"
	for name, tt := range map[string]struct {
		answer func() error
		status int
	}{
		"taken":            {nil, http.StatusOK},
		"refused":          {func() error { return fmt.Errorf("%w: wrong signature", handlers.ErrReportRefused) }, http.StatusNotAcceptable},
		"not recorded":     {func() error { return errors.New("disk full") }, http.StatusServiceUnavailable},
		"a fault of ours":  {func() error { panic(secret) }, http.StatusServiceUnavailable},
		"nobody waits now": {func() error { return context.Canceled }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newReportedHouse(t)
			r.answer = tt.answer
			body := `{"event-data":{"recipient":"` + secret + `"}}`
			w := h.ask(http.MethodPost, webhookPath, body, "Content-Type", "application/json", "Sec-Fetch-Site", "")
			if w.Code != tt.status || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("answered %d with cookie %q, want %d and none", w.Code, w.Header().Get("Set-Cookie"), tt.status)
			}
			if len(r.bodies) != 1 || r.bodies[0] != body {
				t.Errorf("given %q, want the body as it came", r.bodies)
			}
			if strings.Contains(w.Body.String()+h.log.String(), secret) {
				t.Errorf("what was reported is told on: %s\n%s", w.Body, h.log)
			}
			if stack := strings.Contains(h.log.String(), "TestReportsAreAnsweredInTheMailServicesTerms.func"); stack != (name == "a fault of ours") {
				t.Errorf("a stack is logged: %v\n%s", stack, h.log)
			}
			if logged := strings.Contains(h.log.String(), "mail report not taken"); logged != (tt.status != http.StatusOK) {
				t.Errorf("logged %v:\n%s", logged, h.log)
			}
		})
	}
}

// What keeps browsers out of forms has no say here; a foreign Host has none either.
func TestReportsStandApartFromForms(t *testing.T) {
	h, r := newReportedHouse(t)
	for i, headers := range [][]string{
		{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		{"Content-Type", ""},
		{"Content-Type", "text/plain"},
		{"Cookie", h.cookieName() + "=forged"},
	} {
		w := h.ask(http.MethodPost, webhookPath, "{}", headers...)
		if w.Code != http.StatusOK || len(r.bodies) != i+1 || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q: answered %d with cookie %q", headers, w.Code, w.Header().Get("Set-Cookie"))
		}
	}
	if w := h.ask(http.MethodPost, webhookPath, "{}", "Host", "evil.example"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("another host: answered %d, want %d", w.Code, http.StatusMisdirectedRequest)
	}
	wholePage(t, "GET", h.ask(http.MethodGet, webhookPath, ""), http.StatusMethodNotAllowed)
	if len(r.bodies) != 4 {
		t.Errorf("%d reports were taken, want 4", len(r.bodies))
	}
}

func TestLongReportsAreRefusedUnread(t *testing.T) {
	const most = 256 << 10
	for _, tt := range []struct {
		length int
		told   bool // by Content-Length
		status int
	}{
		{most, true, http.StatusOK},
		{most + 1, true, http.StatusNotAcceptable},
		{1 << 20, true, http.StatusNotAcceptable},
		{1 << 20, false, http.StatusNotAcceptable},
	} {
		h, r := newReportedHouse(t)
		var body io.Reader = strings.NewReader(strings.Repeat("x", tt.length))
		if !tt.told {
			body = struct{ io.Reader }{body}
		}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, webhookPath, body)
		req.Host = h.server.Listener.Addr().String()
		w := httptest.NewRecorder()
		h.edge.ServeHTTP(w, req)
		if w.Code != tt.status || len(r.bodies) != map[int]int{http.StatusOK: 1}[tt.status] {
			t.Errorf("%d bytes, length told %v: answered %d, taken %d times; want %d", tt.length, tt.told, w.Code, len(r.bodies), tt.status)
		}
	}
}

func TestABodyThatBreaksOffIsAskedForAgain(t *testing.T) {
	h, r := newReportedHouse(t)
	broken := io.MultiReader(strings.NewReader(`{"signature"`), errReader{})
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, webhookPath, broken)
	req.Host = h.server.Listener.Addr().String()
	w := httptest.NewRecorder()
	h.edge.ServeHTTP(w, req)
	if w.Code != http.StatusServiceUnavailable || len(r.bodies) != 0 {
		t.Errorf("answered %d, taken %d times; want %d and never", w.Code, len(r.bodies), http.StatusServiceUnavailable)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestWithoutAMailServiceThereIsNowhereToReport(t *testing.T) {
	h := newHouse(t)
	wholePage(t, "POST "+webhookPath, h.ask(http.MethodPost, webhookPath, "{}"), http.StatusNotFound)
}
