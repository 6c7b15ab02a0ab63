package attack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// signInAs picks an account at the demo's GitLab.com, where the button of the situation's page leads.
func (b *browser) signInAs(subject string) page {
	b.t.Helper()
	b.act("prove-identity")
	if !b.has("subject") {
		b.t.Fatalf("the button leads to %s, which answers %d", b.page.url.Host, b.page.status)
	}
	f := b.field("subject")
	return b.submit(f, "subject", subject)
}

const (
	gitLabZ = "2000107" // linked to customerZ's account, under another email
	hanna   = "2000101" // linked to healthy's
)

// Signing in to an identity names what that identity establishes, and nothing else: both sides to who owns
// both, and the linked one to nobody who owns another (R2).
func TestAnIdentityEstablishesWhatIsItsOwn(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	for _, tt := range []struct {
		own, subject string
		named        []string
	}{
		{"customerZ@example.com", gitLabZ, []string{"gitlabZ@example.com"}},
		{"customerZ@example.com", hanna, []string{"healthy@example.com"}},
		{"nobody@example.com", hanna, []string{"healthy@example.com"}},
		{"nobody@example.com", gitLabZ, []string{"customerZ@example.com", "gitlabZ@example.com"}},
	} {
		b := d.prove(tt.own)
		b.signInAs(tt.subject)
		if b.page.status != http.StatusOK || b.page.url.Path != "/situation" || b.page.url.RawQuery != "" {
			t.Fatalf("%s as %s ends at %s with %d", tt.own, tt.subject, b.page.url, b.page.status)
		}
		seen := strings.ToLower(b.page.body)
		for _, address := range append([]string{tt.own}, tt.named...) {
			if !strings.Contains(seen, strings.ToLower(address)) {
				t.Errorf("%s as %s does not read %s", tt.own, tt.subject, address)
			}
			seen = strings.ReplaceAll(seen, strings.ToLower(address), "")
		}
		for _, other := range everyAddress {
			if strings.Contains(seen, strings.ToLower(other)) {
				t.Errorf("%s as %s reads of %s", tt.own, tt.subject, other)
			}
		}
	}
	for _, secret := range append([]string{"code=", "state=", gitLabZ, hanna}, everyAddress...) {
		if strings.Contains(strings.ToLower(d.output()), strings.ToLower(secret)) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

// The way back is for the browser that asked, once: it does nothing for who takes its URL, and nobody can be
// made to come back from a sign-in that they did not begin (R8).
func TestTheWayBackFromAnIdentityIsItsBrowsersOwn(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	owner := d.prove("customerZ@example.com")
	way := wayBack(owner, gitLabZ)
	for name, thief := range map[string]*browser{"a browser with a case": d.prove("nobody@example.com"), "a browser without": d.browser()} {
		thief.get(way.String())
		if seen := strings.ToLower(thief.page.body); strings.Contains(seen, "gitlabz") || strings.Contains(seen, "customerz") {
			t.Errorf("%s reads of the owner", name)
		}
	}
	if owner.get(way.String()); !strings.Contains(owner.page.body, "gitlabZ@example.com") {
		t.Error("what others tried has spent the owner's own way back")
	}
	if owner.get(way.String()); owner.page.status != http.StatusForbidden {
		t.Errorf("the second time it answers %d", owner.page.status)
	}
}

// wayBack signs in and stops before coming back.
func wayBack(b *browser, subject string) *url.URL {
	b.t.Helper()
	b.act("prove-identity")
	f := b.field("subject")
	answer, _, err := b.once(http.MethodPost, b.page.url, f.with("subject", subject))
	if err != nil {
		b.t.Fatal(err)
	}
	to, err := answer.Location()
	if err != nil {
		b.t.Fatalf("signing in answers %d", answer.StatusCode)
	}
	return to
}

// A real browser is let through to the identity provider and back by the strict policy, and the page that
// names both sides is one that everybody can use.
func TestSigningInToAnIdentityInARealBrowser(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.prove("customerZ@example.com")
	p.check("situation-identity")
	p.press(`form[data-action=prove-identity] button`)
	if at := p.location(); !strings.HasPrefix(at, d.portal+"/oauth/authorize?") {
		t.Fatalf("the button leads to %s", at)
	}
	p.do(chromedp.SetValue(`select[name=subject]`, gitLabZ))
	p.press(`form button:not([name])`)
	if at := p.location(); at != d.base+"/situation" {
		t.Fatalf("the way back ends at %s", at)
	}
	for _, address := range []string{"customerZ@example.com", "gitlabZ@example.com"} {
		if !strings.Contains(p.body(), address) {
			t.Errorf("the page does not name %s", address)
		}
	}
	p.check("situation-own-identity")
}
