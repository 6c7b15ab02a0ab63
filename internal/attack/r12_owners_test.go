package attack

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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

// Every mail of an act says "this wasn't me", and means it: the case of who did it is over, what the mail
// granted is void, and support knows.
func TestThisWasntMeFromEveryMailOfAnAct(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	for _, tt := range []struct {
		what, address string
		act           func(b *browser)
		granted       bool // the mail's first link does something
	}{
		{"the sign-in link", "customerY@example.com", func(b *browser) { b.act("email-sign-in-link") }, true},
		{"the confirmation", "unconfirmed@example.com", func(b *browser) { b.act("resend-confirmation") }, true},
		{"the copy of a hand-off", "customerZ@example.com", func(b *browser) {
			b.get("/support")
			b.submit(b.field("message"), "message", "Please help.")
			d.settled()
		}, false},
	} {
		t.Run(tt.what, func(t *testing.T) {
			b := d.prove(tt.address)
			before := len(d.inbox(tt.address))
			tt.act(b)
			m := d.mail(tt.address, before)
			tickets := len(d.inbox("support@acme.example"))

			owner := d.disownPage(t, m)
			if p := owner.submit(owner.field("email"), "email", "healthy@example.com"); p.status/100 != 4 {
				t.Errorf("somebody else's address is answered %d", p.status)
			}
			if p := b.get(d.base + "/situation"); p.url.Path != "/situation" {
				t.Fatalf("before the owner's word the browser is at %s", p.url.Path)
			}
			if p := owner.submit(owner.field("email"), "email", tt.address); p.status != http.StatusOK {
				t.Fatalf("the owner is answered %d", p.status)
			}

			if p := b.get(d.base + "/situation"); p.url.Path != "/" {
				t.Errorf("the disowned browser is still at %s", p.url.Path)
			}
			if p := d.browser().get(m.links()[0]); tt.granted && p.status != http.StatusGone {
				t.Errorf("what the mail granted is answered %d at %s", p.status, p.url.Path)
			}
			d.until("support has the owner's word", func() bool { return len(d.inbox("support@acme.example")) > tickets })
		})
	}
}

// disownPage opens the mail's "this wasn't me" in a browser of its own.
func (d *demo) disownPage(t *testing.T, m sent) *browser {
	t.Helper()
	for _, link := range m.links() {
		b := d.browser()
		if strings.HasPrefix(link, d.base) && b.get(link).url.Path == "/disown" {
			return b
		}
	}
	t.Fatalf("%q has no \"this wasn't me\"", m.Subject)
	return nil
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

// Whoever is erased while the server runs is in none of the database's files any more, nor is what they wrote.
func TestErasedFromEveryFile(t *testing.T) {
	const address, message = "erase.me@example.com", "Ye olde sekret plea"
	d := startDemo(t)
	b := d.prove(address)
	b.get("/support")
	b.submit(b.field("message"), "message", message)
	d.settled()
	traces := func() (n int) {
		files, err := filepath.Glob(filepath.Join(d.data, "latchkey.db*"))
		if err != nil || len(files) < 2 {
			t.Fatalf("the database is in %q (%v)", files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n += bytes.Count(text, []byte(address)) + bytes.Count(text, []byte(message))
		}
		return n
	}
	if n := traces(); n < 2 {
		t.Fatalf("%d traces of who is there", n)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "erase", address,
		"--data", d.data, "--keys-file", filepath.Join(d.data, "keys")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "erased: 1 case ") {
		t.Errorf("erase: %v, %s", err, out)
	}
	if n := traces(); n != 0 {
		t.Errorf("%d traces of who is gone", n)
	}
	if p := b.get(d.base + "/"); p.status != http.StatusOK {
		t.Errorf("the server answers %d", p.status)
	}
}
