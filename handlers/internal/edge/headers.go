package edge

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// SecurityHeaders are on every answer (R9). The policy allows nothing but what Latchkey serves itself;
// forms may end up at the customer portal or the identity provider, since browsers hold redirects of a form
// against form-action.
func SecurityHeaders(public *url.URL, formsTo []string) http.Header {
	h := http.Header{}
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"style-src 'self'",
		"script-src 'self'",
		"img-src 'self'",
		"connect-src 'self'",
		"form-action " + strings.Join(eachOnce(slices.Concat([]string{"'self'"}, formsTo)), " "),
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if public.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
	return h
}

// eachOnce keeps the first of those that are the same: the portal may be the identity provider, too.
func eachOnce(sources []string) []string {
	var kept []string
	for _, s := range sources {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
