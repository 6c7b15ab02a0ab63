package edge

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHostRule(t *testing.T) {
	for _, tt := range []struct {
		public, host string
		known        bool
	}{
		{"https://help.example.com", "help.example.com", true},
		{"https://help.example.com", "HELP.example.com:443", true},
		{"https://help.example.com:443", "help.example.com", true},
		{"https://help.example.com", "help.example.com:8443", false},
		{"https://help.example.com", "help.example.com.", false},
		{"https://help.example.com", "help.example.com.evil.test", false},
		{"https://help.example.com", "", false},
		{"http://127.0.0.1:8080", "127.0.0.1:8080", true},
		{"http://127.0.0.1:8080", "localhost:8080", false},
		{"http://[::1]:8080", "[::1]:8080", true},
	} {
		public, err := ParsePublicURL(tt.public)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Hosts{Public: public}).Known(tt.host); got != tt.known {
			t.Errorf("%s: host %q known: %v, want %v", tt.public, tt.host, got, tt.known)
		}
	}
}

func TestDemoSendsOtherLoopbackNamesToThePublicURL(t *testing.T) {
	public, err := ParsePublicURL("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		method, target, host, want string
		demo                       bool
	}{
		{"GET", "/help?x=1", "localhost:8080", "http://127.0.0.1:8080/help?x=1", true},
		{"HEAD", "/", "[::1]:8080", "http://127.0.0.1:8080/", true},
		{"GET", "//evil.test/x", "localhost:8080", "http://127.0.0.1:8080//evil.test/x", true},
		{"POST", "/", "localhost:8080", "", true},
		{"GET", "/", "localhost:9090", "", true},
		{"GET", "/", "localhost", "", true},
		{"GET", "/", "evil.test:8080", "", true},
		{"GET", "/", "localhost.evil.test:8080", "", true},
		{"GET", "/", "localhost:8080", "", false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, "http://any.test/", nil)
		r.URL.Path, r.Host = tt.target, tt.host
		if path, query, ok := strings.Cut(tt.target, "?"); ok {
			r.URL.Path, r.URL.RawQuery = path, query
		}
		got, _ := Hosts{Public: public, Loopback: tt.demo}.Elsewhere(r)
		if got != tt.want {
			t.Errorf("%s %s at %s, demo %v: sent to %q, want %q", tt.method, tt.target, tt.host, tt.demo, got, tt.want)
		}
	}
}

func TestParsePublicURLWantsAnOrigin(t *testing.T) {
	for _, text := range []string{
		"", "help.example.com", "ftp://help.example.com", "https://", "https://a.example/path",
		"https://a.example?x=1", "https://user@a.example",
	} {
		if u, err := ParsePublicURL(text); err == nil {
			t.Errorf("ParsePublicURL(%q) = %v, want an error", text, u)
		}
	}
}
