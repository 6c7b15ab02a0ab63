package oidc

import (
	"testing"
	"time"
)

// Codes and the client's secret go over https, unless the issuer itself is on this machine.
func TestEndpointsAreAsSafeAsTheirIssuer(t *testing.T) {
	for _, tt := range []struct {
		issuer, target string
		want           bool
	}{
		{"https://gitlab.com", "https://gitlab.com/oauth/token", true},
		{"https://gitlab.com", "https://tokens.example/token", true},
		{"https://gitlab.com", "http://gitlab.com/oauth/token", false},
		{"https://gitlab.com", "", false},
		{"https://gitlab.com", "/oauth/token", false},
		{"https://gitlab.com", "file:///etc/passwd", false},
		{"http://127.0.0.1:9000", "http://127.0.0.1:9000/token", true},
		{"http://127.0.0.1:9000", "https://gitlab.com/oauth/token", true},
	} {
		p := &Provider{config: Config{Issuer: tt.issuer}}
		if got := p.asSafe(tt.target); got != tt.want {
			t.Errorf("issuer %s, endpoint %q: %t, want %t", tt.issuer, tt.target, got, tt.want)
		}
	}
}

func TestNewNeedsWhatItNeeds(t *testing.T) {
	whole := Config{
		Issuer: "https://gitlab.com", Name: "gitlab", ClientID: "c", RedirectURL: "https://help.example/identity/callback",
		Origins: []string{"https://gitlab.com"}, Timeout: time.Second, Now: time.Now,
	}
	if p, err := New(whole); err != nil || p.Issuer() != whole.Issuer {
		t.Fatalf("got %v, %v", p, err)
	}
	for name, spoil := range map[string]func(*Config){
		"issuer":       func(c *Config) { c.Issuer = "" },
		"https issuer": func(c *Config) { c.Issuer = "ftp://gitlab.com" },
		"name":         func(c *Config) { c.Name = "" },
		"client":       func(c *Config) { c.ClientID = "" },
		"origins":      func(c *Config) { c.Origins = nil },
		"redirect":     func(c *Config) { c.RedirectURL = "" },
		"time":         func(c *Config) { c.Timeout = 0 },
		"clock":        func(c *Config) { c.Now = nil },
	} {
		c := whole
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("without its %s: no error", name)
		}
	}
}
