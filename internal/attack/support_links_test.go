package attack

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// supportLink is what `latchkey link` prints for a running demo.
func (d *demo) supportLink(args ...string) string {
	d.t.Helper()
	path, err := binary()
	if err != nil {
		d.t.Fatal(err)
	}
	link := exec.Command(path, append([]string{
		"link", "--keys-file", filepath.Join(d.data, "keys"), "--public-url", d.base,
	}, args...)...)
	link.Env = os.Environ()
	out, err := link.CombinedOutput()
	if err != nil {
		d.t.Fatalf("link: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// A signed link that has leaked gives a stranger nothing: no page, no mail, no account. Not one altered
// character of it opens, and none ends in a fault of ours.
func TestALeakedSupportLink(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	const victim = "customerX@example.com"
	link := d.supportLink("--ticket", "12345", "--email", victim, "--situation", "unlinked-legacy")
	if strings.Contains(link, "12345") || strings.Contains(strings.ToLower(link), "customerx") {
		t.Errorf("what the link says can be read in it: %s", link)
	}
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		for range 5 {
			b := d.browser()
			if p, err := b.try(method, link, nil); err != nil || p.status != http.StatusOK {
				t.Errorf("%s is answered %d, %v", method, p.status, err)
			}
			for _, path := range []string{"/situation", "/support", "/check-email"} {
				if p := b.get(d.base + path); p.url.Path != "/" {
					t.Errorf("with the link alone %s leads to %s", path, p.url)
				}
			}
		}
	}
	d.settled()
	if got := len(d.inbox("")); got != 0 {
		t.Errorf("%d mails were sent by opening the link", got)
	}

	token := strings.TrimPrefix(link, d.base+"/s/")
	for i := range token {
		altered := []byte(token)
		if altered[i] == 'x' {
			altered[i] = 'y'
		} else {
			altered[i] = 'x'
		}
		b := d.browser()
		p := b.get(d.base + "/s/" + string(altered))
		if p.status != http.StatusGone || strings.Contains(strings.ToLower(p.body), "customerx") {
			t.Fatalf("character %d altered: answered %d", i, p.status)
		}
		if got := b.get(d.base + "/"); got.status != http.StatusOK || b.field("email").fields.Get("email") != "" {
			t.Fatalf("character %d altered: no fresh start", i)
		}
	}

	stranger := d.browser()
	stranger.get(link)
	stranger.submit(stranger.field("email"), "email", "unconfirmed@example.com")
	p := stranger.submit(stranger.field("code"), "code", d.mail("unconfirmed@example.com", 0).code())
	if got := p.hooks["expected"]; len(got) != 1 || got[0] != "other" {
		t.Errorf("the stranger reads of what was expected %v", got)
	}
	body := strings.ToLower(p.body)
	if strings.Contains(body, "customerx") || strings.Contains(body, "linked to gitlab.com yet") {
		t.Error("the stranger reads of somebody else")
	}
	seen := strings.ToLower(d.output() + d.metrics())
	if strings.Contains(seen, strings.ToLower(token)) || strings.Contains(seen, "customerx") {
		t.Error("log or metrics hold the link or its address")
	}
}

// A mailbox that asked for no more mail is reached by a link of support's that names it, three times a day, and
// by nothing else.
func TestAStoppedMailboxIsReachedBySupportAlone(t *testing.T) {
	const address = "customerX@example.com"
	d := startDemo(t, "--limit-scale", "1")
	d.browser().start(address)
	owner := d.browser()
	owner.get(d.mail(address, 0).links()[1])
	owner.submit(owner.field("email"), "email", address)
	link := d.supportLink("--ticket", "12345", "--email", address)
	other := d.supportLink("--ticket", "12345", "--email", "healthy@example.com")
	for _, from := range []string{d.base + "/", d.base + "/?ref=12345&email=customerX%40example.com", other} {
		b := d.browser()
		b.get(from)
		b.submit(b.field("email"), "email", address)
	}
	d.settled()
	if got := len(d.inbox(address)); got != 1 {
		t.Fatalf("%d mails without a link that names the mailbox, want the one from before", got)
	}
	for range 5 {
		b := d.browser()
		b.get(link)
		b.submit(b.field("email"))
	}
	d.settled()
	if got := len(d.inbox(address)); got != 1+3 {
		t.Errorf("%d mails by links, want 3", got-1)
	}
}

// The pages of support's links and the question, for everybody.
func TestSupportLinksAreForEverybody(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.open(d.base + "/s/1.x.nothing")
	p.check("support-link-dead")
	p.press(`main .button`)
	p.open(d.supportLink("--ticket", "12345", "--email", "customerX@example.com", "--situation", "unconfirmed"))
	p.check("support-link")
	p.press(`form:has(input[name=email]) button`)
	p.do(chromedp.SendKeys(`input[name=code]`, d.mail("customerX@example.com", 0).code()))
	p.press(`form:has(input[name=code]) button`)
	if !strings.Contains(p.body(), `data-expected="other"`) {
		t.Error("the page does not say that something else was found")
	}
	p.check("situation-unexpected")
	p.press(`[data-action=email-sign-in-link] button`)
	p.check("situation-got-in")
	p.press(`[data-action=got-in] button[value=no]`)
	p.check("situation-not-in")
	p.press(`.asked a`)
	if !strings.HasSuffix(p.location(), "/support") {
		t.Errorf("who did not get in is led to %s", p.location())
	}
}

func TestSupportLinksWithoutScripts(t *testing.T) {
	d := startDemo(t)
	p := d.person()
	p.withoutScripts()
	p.open(d.supportLink("--ticket", "777", "--email", "healthy@example.com", "--situation", "ready"))
	p.press(`form:has(input[name=email]) button`)
	p.do(chromedp.SendKeys(`input[name=code]`, d.mail("healthy@example.com", 0).code()))
	p.press(`form:has(input[name=code]) button`)
	if !strings.Contains(p.body(), `data-expected="found"`) {
		t.Error("the page does not say that it was expected")
	}
	p.press(`[data-action=sign-in] button`)
	p.open(d.base + "/situation")
	p.press(`[data-action=got-in] button[value=yes]`)
	if body := p.body(); !strings.Contains(body, "You told us that you got in") || strings.Contains(body, "Did you get in") {
		t.Error("without scripts the answer is not taken")
	}
}
