package attack

import (
	"regexp"
	"strings"
	"testing"

	"latchkey/internal/mail/mailguntest"
)

// block is the part of /check-email that tells what became of the mail.
var block = regexp.MustCompile(`(?s)<div data-poll="/check-email/state" data-page="/check-email">.*?\n(<p class="note">|<form method="post" action="/check-email" )`)

// The demo with its own mail service: what became of a mail is seen by who asked for it. Mailboxes that take
// mail differ in that block and in nothing else; one that refuses has the page of all mails that fail, which
// TestFailedReadsTheSameWhateverTheReason reads, behind the same answer.
func TestWhatBecameOfAMailIsShown(t *testing.T) {
	d := startDemo(t, "--mail", "mailgun", "--limit-scale", "10")
	rest, answers := map[string]string{}, map[string]string{}
	for address, want := range map[string]string{
		"nobody@example.com": "delivered", "bounced@example.com": "failed", "healthy@example.com": "delivered",
	} {
		b := d.browser()
		b.start(address)
		d.until(address+" is "+want, func() bool { return b.delivery() == want })
		b.trail[0].Header.Del("Content-Length") // the block's length is in it
		answers[address] = headerText(b.trail[0])
		if want != "failed" {
			if !block.MatchString(b.page.body) {
				t.Fatalf("the page has no state of the mail:\n%s", b.page.body)
			}
			rest[address] = alike(block.ReplaceAllString(b.page.body, "STATE"), address)
		}
		if arrived := len(d.inbox(address)); (arrived == 1) != (want == "delivered") {
			t.Errorf("%s: %d mails arrived, the page says %s", address, arrived, want)
		}
		if fragment := b.get("/check-email/state"); len(fragment.hooks["delivery"]) != 1 || fragment.hooks["delivery"][0] != want {
			t.Errorf("%s: the fragment says %v", address, fragment.hooks["delivery"])
		}
	}
	for address, got := range answers {
		if got != answers["nobody@example.com"] {
			t.Errorf("%s is answered\n%s\nand nobody\n%s", address, got, answers["nobody@example.com"])
		}
	}
	for address, got := range rest {
		if got != rest["nobody@example.com"] {
			t.Errorf("beside the state, %s waits on\n%s\nand nobody on\n%s", address, got, rest["nobody@example.com"])
		}
	}
}

// A mailbox that refuses, one whose bounce is remembered, one that asked us to stop, and one over its cap:
// the customer reads the same.
func TestFailedReadsTheSameWhateverTheReason(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{}, "--limit-scale", "1")
	p.SetFate("bounced@example.com", mailguntest.Bounced)
	p.FailFor("refused@example.com", &mailguntest.Fault{Status: 400})
	ask := func(address string) *browser {
		b := d.browser()
		b.start(address)
		return b
	}
	stopper := ask("stopped@example.com")
	d.until("mail to stop", func() bool { return len(p.to("stopped@example.com")) == 1 })
	links := p.to("stopped@example.com")[0].links()
	stopper.get(links[len(links)-1])
	stopper.submit(stopper.page.forms[0], "email", "stopped@example.com")
	for range 5 {
		ask("capped@example.com")
		d.settled()
	}
	var want string
	for _, address := range []string{"refused@example.com", "bounced@example.com", "bounced@example.com", "stopped@example.com", "capped@example.com"} {
		b := ask(address)
		d.until(address+" failed", func() bool { return b.delivery() == "failed" })
		got := alike(b.page.body, address)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s reads\n%s\nwant, as for a refusal,\n%s", address, got, want)
		}
	}
	for _, part := range []string{"spelling", "full", "filter", "latchkey@acme.example", "newest", "Stop these mails", "support@acme.example"} {
		if !strings.Contains(want, part) {
			t.Errorf("what to do does not speak of %q", part)
		}
	}
}

// Who comes back after a restart of everything still finds the state.
func TestTheStateOutlivesTheProcess(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{})
	p.SetFate("slow@example.com", mailguntest.Delayed)
	b := d.browser()
	b.start("slow@example.com")
	d.until("delayed", func() bool { return b.delivery() == "delayed" })
	d.kill(9)
	d.start()
	if got := b.delivery(); got != "delayed" {
		t.Errorf("after a restart the page says %s", got)
	}
}

// The mail service's log feeds the finding; one that cannot be reached costs that one check, and the page
// says so.
func TestTheMailServicesLogIsRead(t *testing.T) {
	d := startDemo(t, "--mail", "mailgun")
	b := d.prove("reset@example.com")
	if got := b.page.hooks["situation"]; len(got) != 1 || got[0] != "reset-on-wrong-site" {
		t.Errorf("found %v, want reset-on-wrong-site", got)
	}
	if !regexp.MustCompile(`mailed you a password reset at \d\d:\d\d UTC on \d+ \w+ \d+ , from mg\.gitlab\.com\.`).MatchString(b.page.text) {
		t.Errorf("the page does not say when and from where:\n%s", b.page.text)
	}
	away := freeOrigin(t) + "/v3"
	d = startDemo(t, "--mail-log", "mailgun", "--identity-mail-domains", "mg.gitlab.com", "--identity-mail-key", "k",
		"--portal-mail-domains", "customers.gitlab.com", "--portal-mail-key", "k", "--identity-mail-base", away, "--portal-mail-base", away)
	b = d.prove("reset@example.com")
	if got := b.page.hooks["situation"]; len(got) != 1 || got[0] != "ready" {
		t.Errorf("without the log found %v, want ready", got)
	}
	if !strings.Contains(b.page.text, "check whether GitLab.com sent you a password reset") {
		t.Errorf("the page does not say that the check could not be made:\n%s", b.page.text)
	}
}

// Mailgun's answers and reports name the recipient; our logs and metrics don't.
func TestWhatTheMailServiceSaysIsNotLogged(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{}, "--log-level", "debug")
	p.SetFate("bounced@example.com", mailguntest.Bounced)
	p.FailFor("refused@example.com", &mailguntest.Fault{Status: 400})
	p.FailFor("broken@example.com", &mailguntest.Fault{Status: 500, Times: 1})
	p.FailFor("cut@example.com", &mailguntest.Fault{Reset: true, Times: 1})
	for address, want := range map[string]string{
		"bounced@example.com": "failed", "refused@example.com": "failed", "broken@example.com": "delivered", "cut@example.com": "delivered",
	} {
		b := d.browser()
		b.start(address)
		d.until(address+" is "+want, func() bool { return b.delivery() == want })
	}
	seen := d.output() + d.metrics()
	for _, wanted := range []string{"mailgun: status 400", "mailgun: status 500", "mail failed", `kind="prove",state="failed"} 2`} {
		if !strings.Contains(seen, wanted) {
			t.Errorf("%q is nowhere in log or metrics: this test sees nothing", wanted)
		}
	}
	for _, secret := range []string{"@example.com", "%40example", "refused@", mailKey, signingKey} {
		if strings.Contains(seen, secret) {
			t.Errorf("log or metrics hold %q", secret)
		}
	}
}
