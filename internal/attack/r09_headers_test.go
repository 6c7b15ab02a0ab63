package attack

import (
	"strings"
	"testing"
)

func TestHeadersOfEveryPage(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	b := d.prove("customerX@example.com")
	for _, path := range []string{"/", "/check-email", "/situation", "/support", "/help", "/help/unconfirmed", "/sign-in", "/l/nonsense", "/nowhere"} {
		p := b.get(path)
		csp := p.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self' " + d.portal} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if got := p.header.Get("Cache-Control"); !strings.HasPrefix(path, "/help") && got != "no-store" {
			t.Errorf("%s: Cache-Control is %q", path, got)
		}
		if strings.Contains(p.body, " style=") || strings.Contains(p.body, "<style") || strings.Contains(p.body, " onclick=") {
			t.Errorf("%s has inline style or script", path)
		}
		for _, from := range []string{`src="http`, `href="//`, `src="//`} {
			if strings.Contains(p.body, from) {
				t.Errorf("%s loads something from elsewhere", path)
			}
		}
	}
}
