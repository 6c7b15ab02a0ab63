package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"latchkey/internal/secret"
)

func TestDrain(t *testing.T) {
	asked := 0
	d := &drain{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ })}
	for _, tt := range []struct {
		name      string
		begun     bool
		method    string
		elsewhere bool
		status    int
		asked     int
		closes    bool
	}{
		{"before", false, "GET", true, 200, 1, false},
		{"a page, nobody else to ask", true, "GET", false, 200, 1, true},
		{"a page", true, "GET", true, 502, 0, true},
		{"a look at a page", true, "HEAD", true, 502, 0, true},
		{"a form is done here", true, "POST", true, 200, 1, true},
	} {
		d.begun.Store(tt.begun)
		asked = 0
		r := httptest.NewRequestWithContext(t.Context(), tt.method, "/", nil)
		if tt.elsewhere {
			r.Header.Set(elsewhereHeader, "yes")
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if closes := w.Header().Get("Connection") == "close"; w.Code != tt.status || asked != tt.asked || closes != tt.closes {
			t.Errorf("%s: status %d, asked %d times, closes %v; want %d, %d, %v",
				tt.name, w.Code, asked, closes, tt.status, tt.asked, tt.closes)
		}
	}
}

// /readyz says no while pages are still served, and then the listener closes.
func TestReadyEndsBeforeTheListener(t *testing.T) {
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{}, serving...), "--keys", keys, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0",
		"--data", t.TempDir(), "--log-level=error", "--public-url", "http://localhost:1", "--drain-delay", "5s")
	s := start(t, args...)
	ended := make(chan error, 1)
	go func() { ended <- s.end() }()
	var unready, servedUnready bool
	for !servedUnready {
		select {
		case err := <-ended:
			t.Fatalf("it ended (%v); /readyz said so before: %v, and pages were served after that: %v", err, unready, servedUnready)
		default:
		}
		unready = status(t, s.urls[2]+"/readyz") == http.StatusServiceUnavailable
		if unready {
			servedUnready = status(t, s.urls[0]+"/help") != 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
	if answer, err := http.Get(s.urls[0]); err == nil {
		_ = answer.Body.Close()
		t.Error("the listener is open after the end")
	}
}
