package attack

import (
	"net/url"
	"strings"
	"testing"
)

// accountOf is the account id that a customer's own page carries in its forms.
func accountOf(t *testing.T, b *browser) string {
	t.Helper()
	for _, f := range b.page.forms {
		if id := f.fields.Get("account"); id != "" {
			return id
		}
	}
	t.Fatalf("%s carries no account id", b.page.url)
	return ""
}

// A form can be made to say anything; what is forbidden stays so.
func TestForgedActionsAreRefused(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	foreign := accountOf(t, d.prove("customerX@example.com"))
	unconfirmed := d.prove("unconfirmed@example.com")
	for _, c := range []struct {
		who     string
		b       *browser
		account string
	}{
		{"somebody else's account", d.prove("healthy@example.com"), foreign},
		{"an unconfirmed account", unconfirmed, accountOf(t, unconfirmed)},
		{"an identity's owner, for the account", d.prove("gitlabZ@example.com"), accountOf(t, d.prove("customerZ@example.com"))},
		{"nobody", d.prove("nobody@example.com"), foreign},
		{"no account", d.prove("healthy@example.com"), ""},
	} {
		token := c.b.page.forms[0].fields.Get("token")
		p := c.b.post("/situation/sign-in", url.Values{"token": {token}, "account": {c.account}})
		if !strings.HasPrefix(p.url.String(), d.base) {
			t.Errorf("%s was signed in at %s", c.who, p.url)
		}
		if p.status >= 500 {
			t.Errorf("%s: %d", c.who, p.status)
		}
	}
	d.settled()
	before := len(d.inbox("customerX@example.com"))
	b := d.prove("healthy@example.com")
	b.post("/situation/sign-in-link", url.Values{"token": {b.page.forms[0].fields.Get("token")}, "account": {foreign}})
	d.settled()
	if got := len(d.inbox("customerX@example.com")); got != before {
		t.Error("a forged form mailed a sign-in link")
	}
}

// A disabled account gets a neutral page: nothing says why.
func TestDisabledPageIsNeutral(t *testing.T) {
	d := startDemo(t)
	b := d.prove("disabled@example.com")
	for _, f := range b.page.forms {
		switch f.hooks["action"] {
		case "sign-in", "email-sign-in-link", "resend-confirmation":
			t.Errorf("%s is offered", f.hooks["action"])
		}
	}
	seen := b.page.text + b.get("/support").text
	seen += b.submit(b.field("message"), "message", "Please help me in.").text
	for _, m := range d.inbox("disabled@example.com") {
		seen += m.Text
	}
	for _, word := range []string{"disabled", "switched off", "deactivated", "suspended", "blocked"} {
		at := strings.Index(strings.ReplaceAll(strings.ToLower(seen), "disabled@example.com", ""), word)
		if at >= 0 {
			t.Errorf("a page or mail says %q", word)
		}
	}
}
