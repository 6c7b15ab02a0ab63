package attack

import (
	"strings"
	"testing"
)

// every address that the demo knows, and names that come with them.
var everyAddress = []string{
	"healthy@example.com", "reset@example.com", "unconfirmed@example.com",
	"firstname.lastname@organization.com", "customerX@example.com", "customerY@example.com",
	"customerZ@example.com", "gitlabZ@example.com", "disabled@example.com", "bounced@example.com",
}

// Whoever proves A reads of no other address: on no page, in no mail and no log line, whatever they press.
func TestProvingOneAddressNamesNoOther(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	for _, own := range []string{
		"healthy@example.com", "reset@example.com", "unconfirmed@example.com", "customerX@example.com",
		"customerY@example.com", "customerZ@example.com", "disabled@example.com", "nobody@example.com",
		"firstname_lastname@organization.com",
	} {
		b := d.prove(own)
		seen := b.page.body
		for _, f := range b.page.forms {
			switch f.hooks["action"] {
			case "email-sign-in-link", "resend-confirmation", "mail-other-address":
				seen += b.submit(f).body
			}
		}
		seen += b.get("/situation").body + b.get("/support").body
		seen += b.submit(b.field("message"), "message", "Please help me in.").body
		d.settled()
		for _, m := range d.inbox(own) {
			seen += m.Subject + m.Text + m.HTML
		}
		if !strings.Contains(strings.ToLower(seen), strings.ToLower(own)) {
			t.Errorf("%s does not read its own address: this test sees nothing", own)
		}
		for _, other := range everyAddress {
			if !strings.EqualFold(own, other) && strings.Contains(strings.ToLower(seen), strings.ToLower(other)) {
				t.Errorf("%s reads of %s", own, other)
			}
		}
	}
	for _, address := range everyAddress {
		if strings.Contains(strings.ToLower(d.output()), strings.ToLower(address)) {
			t.Errorf("the log names %s", address)
		}
	}
}

// The page after "mail the other address" is the same whether there was somebody to mail or not, and the
// mail holds the start page and the domain that asked, and no more.
func TestMailToTheOtherAddressIsBlind(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	press := func(address string) string {
		b := d.prove(address)
		return alike(b.act("mail-other-address").body, address)
	}
	somebody := press("firstname_lastname@organization.com")
	nobody := press("entirely_different@organization.com")
	if somebody != nobody {
		t.Errorf("the page tells whether there was somebody:\n%s\nwant\n%s", somebody, nobody)
	}
	m := d.mail("firstname.lastname@organization.com", 0)
	if got := m.links(); len(got) != 1 || strings.TrimSuffix(got[0], "/") != d.base {
		t.Errorf("the blind mail links to %v, want the start page alone", got)
	}
	if strings.Contains(m.Text+m.HTML+m.Subject, "firstname_lastname") {
		t.Error("the blind mail names who asked")
	}
	if !strings.Contains(m.Text, "organization.com") || m.code() != "" {
		t.Errorf("the blind mail should say the domain that asked and hold no code:\n%s", m.Text)
	}
	d.settled()
	if got := len(d.inbox("firstname.lastname@organization.com")); got != 1 {
		t.Errorf("%d blind mails, want 1", got)
	}
	press("firstname-lastname@organization.com")
	d.settled()
	if got := len(d.inbox("firstname.lastname@organization.com")); got != 1 {
		t.Errorf("%d blind mails in a day, want 1 whoever asks", got)
	}
}

// Owning the mailbox of a linked identity establishes its account: it may be named, and its link goes to
// the account's own mailbox.
func TestIdentityEstablishesItsAccount(t *testing.T) {
	d := startDemo(t)
	b := d.prove("gitlabZ@example.com")
	if !strings.Contains(strings.ToLower(b.page.text), "customerz@example.com") {
		t.Error("the account of the identity is not named")
	}
	for _, f := range b.page.forms {
		if f.hooks["action"] == "sign-in" {
			t.Error("sign-in now is offered to who does not own the account's address (R3)")
		}
	}
	b.act("email-sign-in-link")
	d.mail("customerZ@example.com", 0)
	for _, m := range d.inbox("gitlabZ@example.com") {
		if strings.Contains(m.Text, "/l/") && m.code() == "" {
			t.Errorf("a link went to the address that was merely proven: %s", m.Subject)
		}
	}
}
