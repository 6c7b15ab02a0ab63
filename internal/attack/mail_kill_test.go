package attack

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/mail/mailguntest"
)

var kills = flag.Int("kills", 200, "how often TestKilledWhileMailsGoOut kills the program")

// Latchkey is killed, again and again, at some moment between a customer's request and the mail service's
// answer. In the end every start that was answered has its mail, a mail that went out twice is the same
// mail, and whatever went out works: its code in the browser that asked, its link where no answer came.
func TestKilledWhileMailsGoOut(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{}, "--log-level", "error")
	p.Fail(&mailguntest.Fault{Delay: 3 * time.Millisecond, Late: 10 * time.Millisecond})
	answered := map[string]*browser{}
	for round := range *kills {
		began := len(p.requests())
		burst := make(chan map[string]*browser)
		go func() { burst <- d.burst(round, 5) }()
		d.until("a mail is under way", func() bool { return len(p.requests()) > began })
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		d.kill(syscall.SIGKILL)
		maps.Copy(answered, <-burst)
		d.start()
	}
	p.Fail(nil)
	d.settled()

	texts, again := map[string]string{}, 0
	for _, m := range p.Messages() {
		s := asSent(m)
		if text, ok := texts[s.ID]; ok {
			again++
			if text != s.Text {
				t.Errorf("the mail to %s went out twice and differs", s.To)
			}
		}
		texts[s.ID] = s.Text
	}
	orphans := d.theyWork(p, answered)
	t.Logf("%d kills; %d starts answered, %d mails, %d of them sent again, %d of starts without an answer",
		*kills, len(answered), len(texts), again, orphans)
	if len(answered) < *kills {
		t.Errorf("only %d starts were answered: this test sees too little", len(answered))
	}
}

// burst starts for some customers, one after the other, and returns the browsers that were answered.
func (d *demo) burst(round, customers int) map[string]*browser {
	answered := map[string]*browser{}
	for i := range customers {
		address := fmt.Sprintf("killed%d-%d@example.com", round, i)
		b := d.browser()
		if _, err := b.try(http.MethodGet, d.base+"/", nil); err != nil || len(b.page.forms) == 0 {
			break
		}
		answer, _, err := b.once(http.MethodPost, b.page.url, b.page.forms[0].with("email", address))
		if err != nil {
			break
		}
		if answer.StatusCode == http.StatusSeeOther {
			answered[address] = b
		}
	}
	return answered
}

// theyWork uses every mail, and returns how many were of a start that got no answer.
func (d *demo) theyWork(p *provider, answered map[string]*browser) (orphans int) {
	d.t.Helper()
	mails := map[string]sent{}
	for _, m := range p.Messages() {
		mails[m.To] = asSent(m)
	}
	for address, b := range answered {
		m, ok := mails[address]
		if !ok {
			d.t.Errorf("%s was answered and has no mail", address)
			continue
		}
		if b.get(d.base + "/check-email"); b.page.url.Path != "/check-email" {
			d.t.Errorf("%s was answered and is at %s", address, b.page.url)
			continue
		}
		if b.submit(b.field("code"), "code", m.code()); len(b.page.hooks["situation"]) == 0 {
			d.t.Errorf("the code mailed to %s leads to %s", address, b.page.url)
		}
	}
	for address, m := range mails {
		if answered[address] != nil {
			continue
		}
		orphans++
		b := d.browser()
		b.get(m.links()[0])
		if b.submit(b.field("email"), "email", address); len(b.page.hooks["situation"]) == 0 {
			d.t.Errorf("the link mailed to %s leads to %s", address, b.page.url)
		}
	}
	return orphans
}
