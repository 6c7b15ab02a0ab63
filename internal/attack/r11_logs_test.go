package attack

import (
	"net/url"
	"strings"
	"testing"
)

// After a whole journey neither log nor metrics hold an address, a code, a token or a cookie.
func TestLogsAndMetricsHoldNoSecret(t *testing.T) {
	d := startDemo(t, "--log-level", "debug")
	b := d.browser()
	b.get(d.base + "/?email=customerX%40example.com&ref=123")
	if strings.Contains(b.page.url.String(), "customerX") {
		t.Errorf("the address stays in the URL: %s", b.page.url)
	}
	if got := b.field("email").fields.Get("email"); got != "customerX@example.com" {
		t.Errorf("the start page is filled in with %q", got)
	}
	at, _ := url.Parse(d.base)
	secrets := []string{"customerx@example.com", "customerx%40", b.client.Jar.Cookies(at)[0].Value}
	b.submit(b.field("email"))
	proof := d.mail("customerX@example.com", 0)
	b.submit(b.field("code"), "code", proof.code())
	secrets = append(secrets, proof.code(), strings.ReplaceAll(proof.code(), " ", ""), b.client.Jar.Cookies(at)[0].Value)
	b.act("email-sign-in-link")
	link := d.mail("customerX@example.com", 1)
	for _, l := range append(proof.links(), link.links()...) {
		secrets = append(secrets, l[strings.LastIndex(l, "/")+1:])
	}
	b.get(link.links()[0])
	b.submit(b.page.forms[signInForm(t, b)])
	d.settled()
	seen := strings.ToLower(d.output() + d.metrics())
	if !strings.Contains(seen, "/check-email") {
		t.Error("the log shows no request: this test sees nothing")
	}
	for _, secret := range secrets {
		if len(secret) < 8 {
			t.Errorf("%q is no secret to look for", secret)
		} else if strings.Contains(seen, strings.ToLower(secret)) {
			t.Errorf("log or metrics hold %q", secret)
		}
	}
}
