package attack

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// Killed in the middle of a burst, Latchkey loses no start that it answered, and mails no address two
// codes that differ.
func TestKillDuringABurstLosesNoAnsweredStart(t *testing.T) {
	d := startDemo(t, "--limit-scale", "1000")
	const starts = 500
	var answered sync.Map
	var asked, begun atomic.Int32
	killAt := 50 + rand.Int32N(350)
	dead := make(chan struct{})
	var burst sync.WaitGroup
	for range 16 {
		burst.Go(func() {
			b := d.browser()
			if _, err := b.try(http.MethodGet, d.base+"/", nil); err != nil {
				return
			}
			for {
				n := asked.Add(1)
				if n > starts {
					return
				}
				address := fmt.Sprintf("burst%d@example.com", n)
				answer, _, err := b.once(http.MethodPost, b.page.url, b.page.forms[0].with("email", address))
				if err == nil && answer.StatusCode == http.StatusSeeOther {
					answered.Store(address, true)
				}
				if begun.Add(1) == killAt {
					close(dead)
				}
			}
		})
	}
	<-dead
	d.kill(syscall.SIGKILL)
	burst.Wait()
	d.start()
	d.settled()

	codes, total := map[string]string{}, 0
	for _, m := range d.inbox("") {
		if had, ok := codes[m.To]; ok && had != m.code() {
			t.Errorf("%s was mailed two codes", m.To)
		}
		codes[m.To] = m.code()
	}
	answered.Range(func(address, _ any) bool {
		total++
		if codes[address.(string)] == "" {
			t.Errorf("%s was answered and has no mail", address)
		}
		return true
	})
	if total < 10 {
		t.Errorf("only %d starts were answered before the end: this test sees nothing", total)
	}
	t.Logf("killed after %d of %d starts; %d answered, %d mailed", killAt, starts, total, len(codes))
}

// A restart in the middle of a journey changes nothing for the customer.
func TestRestartInBetween(t *testing.T) {
	d := startDemo(t)
	again := func() { d.kill(syscall.SIGTERM); d.start() }
	b := d.browser()
	b.start("customerX@example.com")
	m := d.mail("customerX@example.com", 0)
	again()
	b.submit(b.field("code"), "code", m.code())
	if len(b.page.hooks["situation"]) == 0 {
		t.Fatalf("after a restart the code leads to %s", b.page.url)
	}
	again()
	b.act("sign-in")
	if host(d.portal) != b.page.url.Host {
		t.Errorf("after a restart sign-in leads to %s", b.page.url)
	}
}
