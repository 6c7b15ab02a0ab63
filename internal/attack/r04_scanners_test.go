package attack

import (
	"net/http"
	"strings"
	"testing"
)

// robot does what a mail scanner may do without the customer's cookies: it opens every link, runs every
// form and presses every button, with fields as they are and with something typed in.
func (d *demo) robot(m sent) {
	for _, link := range m.links() {
		if strings.HasPrefix(link, d.portal) {
			continue
		}
		_, _ = d.browser().try(http.MethodHead, link, nil)
		for _, typed := range []string{"", "robot@scanner.example", "12345678"} {
			b := d.browser()
			p, err := b.try(http.MethodGet, link, nil)
			if err != nil {
				d.t.Fatal(err)
			}
			for _, f := range p.forms {
				fields := f.with()
				for name := range fields {
					if name != "token" && typed != "" {
						fields.Set(name, typed)
					}
				}
				if _, err := b.try(strings.ToUpper(f.method), f.action, fields); err != nil {
					d.t.Fatal(err)
				}
			}
		}
	}
}

func TestRobotsInTheMailChangeNothing(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	b := d.browser()
	b.start("customerX@example.com")
	proof := d.mail("customerX@example.com", 0)
	d.robot(proof)
	b.submit(b.field("code"), "code", proof.code())
	if len(b.page.hooks["situation"]) == 0 {
		t.Fatalf("after the robots the code leads to %s", b.page.url)
	}

	before := len(d.inbox("customerX@example.com"))
	b.act("email-sign-in-link")
	link := d.mail("customerX@example.com", before)
	d.robot(link)
	b.get("/situation")
	if len(b.page.hooks["situation"]) == 0 {
		t.Fatalf("a robot's disown ended the case: %s", b.page.url)
	}
	b.get(link.links()[0])
	b.submit(b.page.forms[signInForm(t, b)])
	if !strings.HasPrefix(b.page.url.String(), d.portal) {
		t.Errorf("after the robots the sign-in link leads to %s", b.page.url)
	}
	notice := d.mail("customerX@example.com", before+1)
	d.robot(notice)
	if got := d.inbox("support@"); len(got) > 0 {
		t.Error("a robot filed a hand-off")
	}
}

func TestRobotsDoNotConfirm(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	b := d.prove("unconfirmed@example.com")
	before := len(d.inbox("unconfirmed@example.com"))
	b.act("resend-confirmation")
	m := d.mail("unconfirmed@example.com", before)
	d.robot(m)
	b.get("/situation")
	if got := b.page.hooks["situation"]; len(got) == 0 || got[0] != "unconfirmed" {
		t.Errorf("after the robots the situation is %v", got)
	}
	b.get(m.links()[0])
	for _, f := range b.page.forms {
		if strings.Contains(f.action, "confirm") {
			b.submit(f)
			break
		}
	}
	if !strings.HasPrefix(b.page.url.String(), d.portal) {
		t.Errorf("the confirmation leads to %s", b.page.url)
	}
}

func signInForm(t *testing.T, b *browser) int {
	t.Helper()
	for i, f := range b.page.forms {
		if f.method == "post" && strings.Contains(f.action, "sign-in") {
			return i
		}
	}
	t.Fatalf("%s (%d) has no sign-in form", b.page.url, b.page.status)
	return 0
}

// The one who starts for somebody else's address gets nothing when its owner presses the link, neither
// before nor after.
func TestAttackersTabLearnsNothing(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	attacker, victim := d.browser(), d.browser()
	attacker.start("customerX@example.com")
	m := d.mail("customerX@example.com", 0)
	d.settled()
	before := alike(attacker.get("/check-email").body, "")

	victim.get(m.links()[0])
	victim.submit(victim.field("email"), "email", "customerX@example.com")
	if len(victim.page.hooks["situation"]) == 0 {
		t.Fatalf("the victim's link leads to %s", victim.page.url)
	}
	if victim.page.hooks["reference"][0] == attacker.page.hooks["reference"][0] {
		t.Error("the victim's case has the attacker's reference")
	}
	if after := alike(attacker.get("/check-email").body, ""); after != before {
		t.Errorf("the attacker's page changed:\n%s\nwas\n%s", after, before)
	}
	for _, path := range []string{"/situation", "/support"} {
		if p := attacker.get(path); p.url.Path != "/check-email" {
			t.Errorf("%s leads the attacker to %s", path, p.url.Path)
		}
	}
	attacker.submit(attacker.field("code"), "code", m.code())
	if len(attacker.page.hooks["situation"]) > 0 {
		t.Error("the code still worked for the attacker")
	}
}
