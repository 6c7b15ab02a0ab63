package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/demo"
	"latchkey/internal/oidc"
	"latchkey/internal/oidc/oidctest"
)

const (
	zoe      = "customerZ@example.com"
	zoesMail = "gitlabZ@example.com" // of the identity that her account is linked to
)

// people are identities of the demo's customers, and one who says he is somebody else.
var people = []oidctest.Person{
	{Subject: "2000107", Username: "gitlabz", Email: zoesMail, EmailVerified: true},
	{Subject: "2000117", Username: "customerz", Email: zoe, EmailVerified: true},
	{Subject: "2000101", Username: "hanna", Email: "healthy@example.com", EmailVerified: true},
	{Subject: "666", Username: "mal", Email: zoesMail},
}

// newOpenHouse is a house whose customers can sign in at a real OpenID provider.
func newOpenHouse(t *testing.T) (*house, *oidctest.Provider) {
	t.Helper()
	var at *oidctest.Provider
	h := newHouse(t, func(c *handlers.Config) {
		at = oidctest.Start(t, c.PublicURL+"/identity/callback", people...)
		c.IdentityOrigins = []string{at.URL}
	})
	provider, err := oidc.New(oidc.Config{
		Issuer: at.URL, Name: "gitlab", ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
		RedirectURL: h.server.URL + "/identity/callback", Origins: []string{at.URL},
		Timeout: 5 * time.Second, Now: time.Now, // tokens are as old as the provider's clock
	})
	must(t, err)
	h.service.IdentityProvider, h.service.Policy.IdentityOrigins = provider, []string{at.URL}
	return h, at
}

// signIn presses the button and signs in at the provider, as a person with a browser does.
func (b *browser) signIn(username string) page {
	b.t.Helper()
	b.press("prove-identity")
	if b.page.url.Host == b.base.Host {
		b.t.Fatalf("the button leads to %s", b.page.url)
	}
	return b.submit(b.form(oidctest.FieldUsername), oidctest.FieldUsername, username)
}

// sentTo presses the button and tells where the browser is sent.
func (b *browser) sentTo(pairs ...string) string {
	b.t.Helper()
	stay := *b.client
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	in := &browser{t: b.t, base: b.base, client: &stay, page: b.page}
	return in.press("prove-identity", pairs...).header.Get("Location")
}

// comeBack opens what the provider sends the browser back to.
func (b *browser) comeBack(at *url.URL) page {
	b.t.Helper()
	return b.get(at.RequestURI())
}

// text is what a page says, without its markup.
func (p page) text() string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(p.body, " ")), " ")
}

// The whole walk: she proves her mailbox, signs in to the identity that her account is linked to, and is
// shown both sides; support is told how, and not which address.
func TestBothSidesOfAMismatchAreNamed(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	if b.page.contains(zoesMail) || b.page.has("identity", "own") || !b.page.has("action", "prove-identity") {
		t.Fatal("before the sign-in the page tells too much, or offers none")
	}
	b.signIn("gitlabz")
	b.at("/situation", http.StatusOK)
	if b.page.url.RawQuery != "" {
		t.Errorf("the code stays in the URL: %s", b.page.url.RawQuery)
	}
	if !b.page.has("situation", "linked-email-mismatch") || !b.page.has("identity", "own") {
		t.Errorf("found %v, identities %v", b.page.hooks["situation"], b.page.hooks["identity"])
	}
	for _, want := range []string{zoesMail, zoe} {
		if !strings.Contains(b.page.text(), want) {
			t.Errorf("the page does not name %s", want)
		}
	}
	if !b.page.has("action", "sign-in") {
		t.Error("she may not sign in any more to the account at her own address")
	}

	b.get("/support")
	b.fill("message", "Which one should I keep?")
	ticket := h.mail("support@example.com")
	if !strings.Contains(ticket.Text, "2000107") || !strings.Contains(ticket.Text, at.URL) {
		t.Errorf("the ticket does not say how the identity was shown:\n%s", ticket.Text)
	}
	for _, body := range []string{ticket.Text, ticket.HTML} {
		if strings.Contains(strings.ToLower(body), strings.ToLower(zoesMail)) {
			t.Error("the ticket names the identity's address")
		}
	}
}

// Signing in elsewhere shows the accounts that are linked to that identity: named, with a link to their own
// address, and not signed in to at once (R3).
func TestAnIdentityShowsItsAccounts(t *testing.T) {
	h, _ := newOpenHouse(t)
	b := h.prove("nobody@example.com")
	b.signIn("hanna")
	b.at("/situation", http.StatusOK)
	if !b.page.has("action", "email-sign-in-link") || b.page.has("action", "sign-in") || !b.page.contains("healthy@example.com") {
		t.Fatalf("offered %v", b.page.hooks["action"])
	}
	if !b.page.has("action", "open-portal") || b.page.contains("Do you use") {
		t.Errorf("the way in by the identity is not offered, or it is asked for once more: %v", b.page.hooks["action"])
	}
	if text := b.page.text(); !strings.Contains(text, "We found your account") || strings.Count(text, "No Customers Portal account has the address nobody@example.com .") != 1 {
		t.Errorf("the page does not say that the address has no account, or looks right:\n%s", text)
	}
	b.press("email-sign-in-link")
	h.mail("healthy@example.com")
	if sent := h.mails("nobody@example.com"); slices.ContainsFunc(sent, func(m demo.Mail) bool { return strings.Contains(m.Subject, "sign-in") }) {
		t.Error("the link went to the address that was merely proven")
	}
}

// What one finding says of her identity no other one contradicts: it is known, and linked to another account.
func TestFindingsAgreeOnTheIdentity(t *testing.T) {
	h, _ := newOpenHouse(t)
	b := h.prove("customerY@example.com")
	if text := b.page.text(); !strings.Contains(text, "not known here yet") || !strings.Contains(text, "Do you use GitLab.com?") {
		t.Fatal("the identity is known before she signed in to it")
	}
	b.signIn("hanna")
	b.at("/situation", http.StatusOK)
	for _, id := range []string{"unlinked-sales", "identity-linked-elsewhere"} {
		if !b.page.has("situation", id) {
			t.Fatalf("found %v, want %s", b.page.hooks["situation"], id)
		}
	}
	for _, wrong := range []string{"not known here yet", "Nobody can know", "Do you use", "do both"} {
		if strings.Contains(b.page.text(), wrong) {
			t.Errorf("the page says %q", wrong)
		}
	}
	if says := "healthy@example.com, is linked to another account of yours, so linking it to this one is refused"; !strings.Contains(b.page.text(), says) {
		t.Errorf("the page does not say %q", says)
	}
}

// Known by its email alone, without a sign-in, it is not asked for as if it were unknown.
func TestAnIdentityKnownByItsEmailIsNotAskedFor(t *testing.T) {
	h, _ := newOpenHouse(t)
	text := h.prove("identity-linked-elsewhere@example.com").page.text()
	for _, wrong := range []string{"not known here yet", "Nobody can know", "Do you use"} {
		if strings.Contains(text, wrong) {
			t.Errorf("the page says %q", wrong)
		}
	}
	if !strings.Contains(text, "Do you have another GitLab.com account?") {
		t.Error("another identity cannot be shown")
	}
}

// An identity that is not the linked one names nothing of it.
func TestAnotherIdentityNamesNothingMore(t *testing.T) {
	for name, unlinked := range map[string]bool{"customerz": true, "mal": true, "hanna": false} {
		t.Run(name, func(t *testing.T) {
			h, _ := newOpenHouse(t)
			b := h.prove(zoe)
			b.signIn(name)
			b.at("/situation", http.StatusOK)
			if b.page.contains(zoesMail) || b.page.contains("gitlabz") {
				t.Error("the page names the linked identity")
			}
			if !b.page.has("identity", "own") || strings.Contains(b.page.text(), "is linked to it.") != unlinked {
				t.Errorf("want it said that no account is linked: %t\n%s", unlinked, b.page.text())
			}
		})
	}
}

// An email that the provider does not call verified is nobody's, and not shown to anybody.
func TestAnUnverifiedEmailOpensNothing(t *testing.T) {
	h, _ := newOpenHouse(t)
	b := h.prove("nobody@example.com")
	b.signIn("mal") // whose email is said to be gitlabZ's
	b.at("/situation", http.StatusOK)
	if b.page.contains(zoesMail) || b.page.contains(zoe) || !b.page.has("situation", "different-email") {
		t.Errorf("found %v:\n%s", b.page.hooks["situation"], b.page.text())
	}
}
