package attack

import (
	"strings"
	"testing"
)

// Whoever holds the account's mailbox is told of a sign-in and can say "this wasn't me".
func TestThisWasntMe(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	b := d.prove("customerX@example.com")
	before := len(d.inbox("customerX@example.com"))
	b.act("sign-in")
	if !strings.HasPrefix(b.page.url.String(), d.portal) {
		t.Fatalf("sign-in leads to %s", b.page.url)
	}
	notice := d.mail("customerX@example.com", before)
	owner := d.browser()
	owner.get(notice.links()[0])
	owner.submit(owner.field("email"), "email", "customerX@example.com")
	if owner.page.status != 200 {
		t.Errorf("answered %d", owner.page.status)
	}
	if p := b.get(d.base + "/situation"); p.url.Path != "/" {
		t.Errorf("the disowned browser is still at %s", p.url.Path)
	}
	d.until("support has the ticket", func() bool {
		for _, m := range d.inbox("") {
			if !strings.Contains(strings.ToLower(m.To), "customerx@") && strings.Contains(m.Text, "LK-") {
				return true
			}
		}
		return false
	})
}

// "Stop mailing me" holds for proof mail; the page of who asks is the same as ever.
func TestStopMailingMe(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	d.browser().start("customerX@example.com")
	links := d.mail("customerX@example.com", 0).links()
	owner := d.browser()
	owner.get(links[1])
	f := owner.field("email")
	if p := owner.submit(f, "email", "healthy@example.com"); p.status/100 != 4 {
		t.Errorf("somebody else's address is answered %d", p.status)
	}
	owner.submit(f, "email", "customerX@example.com")
	if owner.page.status != 200 {
		t.Fatalf("answered %d", owner.page.status)
	}
	b := d.browser()
	b.start("customerX@example.com")
	d.settled()
	if got := len(d.inbox("customerX@example.com")); got != 1 {
		t.Errorf("%d mails, want the one from before", got)
	}
	if got := b.get("/check-email").hooks["delivery"]; len(got) == 0 || got[0] != "failed" {
		t.Errorf("the delivery shows as %v, want failed", got)
	}
}
