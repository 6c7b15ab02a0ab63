package attack

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
)

func TestThirtyStartsInTenMinutes(t *testing.T) {
	d := startDemo(t)
	b := d.browser()
	b.get(d.base + "/")
	f := b.field("email")
	for i := range 30 {
		answer, _, err := b.once(http.MethodPost, b.page.url, f.with("email", fmt.Sprintf("n%d@example.com", i)))
		if err != nil || answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("start %d is answered %v, %v", i+1, answer, err)
		}
	}
	b.headers.Set("X-Forwarded-For", "198.51.100.7") // nobody believes it
	p := b.submit(f, "email", "n31@example.com")
	if p.status != http.StatusTooManyRequests {
		t.Errorf("start 31 is answered %d", p.status)
	}
	if after, err := strconv.Atoi(p.header.Get("Retry-After")); err != nil || after < 1 || after > 600 {
		t.Errorf("Retry-After is %q", p.header.Get("Retry-After"))
	}
	if known := b.submit(f, "email", "customerX@example.com"); known.status != p.status {
		t.Error("over the limit a known address is answered otherwise")
	}
}

func TestSixthMailOfAnHourIsNotSent(t *testing.T) {
	d := startDemo(t)
	var last *browser
	for range 6 {
		last = d.browser()
		last.start("customerX@example.com")
		d.settled()
	}
	if got := len(d.inbox("customerX@example.com")); got != 5 {
		t.Errorf("%d mails in an hour, want 5", got)
	}
	if got := last.get("/check-email").hooks["delivery"]; len(got) == 0 || got[0] != "failed" {
		t.Errorf("over the cap the delivery shows as %v", got)
	}
	if last.page.status != http.StatusOK {
		t.Errorf("over the cap the page is answered %d", last.page.status)
	}
}

func TestEleventhHandOffOfADayIsNotFiled(t *testing.T) {
	d := startDemo(t)
	handOff := func(i int) page {
		b := d.prove(fmt.Sprintf("n%d@example.com", i))
		b.get("/support")
		return b.submit(b.field("message"), "message", "Please help.")
	}
	for i := range 10 {
		if p := handOff(i); p.status != http.StatusOK || p.url.Path != "/support" {
			t.Fatalf("hand-off %d is answered %d at %s", i+1, p.status, p.url.Path)
		}
	}
	if p := handOff(10); p.status != http.StatusTooManyRequests {
		t.Errorf("hand-off 11 of one client is answered %d", p.status)
	}
	d.settled()
	if got := len(d.inbox("support@acme.example")); got != 10 {
		t.Errorf("support has %d tickets, want 10", got)
	}
}
