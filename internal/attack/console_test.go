package attack

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

const consoleToken = "the-token-of-this-console"

// stranger is a browser at the console, not signed in.
func (d *demo) stranger() *browser {
	b := d.browser()
	b.base = d.ops
	return b
}

// agent is one that is signed in.
func (d *demo) agent() *browser {
	d.t.Helper()
	b := d.stranger()
	b.get("/console")
	b.submit(b.field("key"), "key", consoleToken, "name", "Grace")
	if b.page.url.Path != "/console" || b.page.status != http.StatusOK {
		d.t.Fatalf("signing in ends at %s with %d", b.page.url, b.page.status)
	}
	return b
}

func reference(p page) string {
	if all := p.hooks["reference"]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// The console is on the ops listener alone: customers' own has nothing there, whoever asks.
func TestTheConsoleIsNotForThePublic(t *testing.T) {
	d := startDemo(t, "--console-token", consoleToken)
	agent := d.agent()
	for _, path := range []string{"/console", "/console/", "/console/sign-in", "/console/cases", "/console/audit", "/console/callback"} {
		for _, b := range []*browser{d.browser(), agent} {
			if p := b.get(d.base + path); p.status != http.StatusNotFound {
				t.Errorf("the public listener answers %d to %s", p.status, path)
			}
		}
	}
	for _, path := range []string{"/console/sign-in/token", "/console/find", "/console/dry-run"} {
		if p := d.browser().post(d.base+path, map[string][]string{"key": {consoleToken}}); p.status != http.StatusNotFound {
			t.Errorf("the public listener answers %d to POST %s", p.status, path)
		}
	}
	if strings.Contains(d.output(), consoleToken) || strings.Contains(d.output(), "customerX") {
		t.Error("the log has the token, or an address")
	}
}

// A customer's cookie opens no console, and an agent's no case.
func TestCookiesOfTheTwoListenersAreApart(t *testing.T) {
	d := startDemo(t, "--console-token", consoleToken)
	customer := d.prove("customerX@example.com")
	if p := customer.get(d.ops + "/console/cases/" + reference(customer.page)); p.url.Path != "/console/sign-in" {
		t.Errorf("a customer is let in to %s", p.url)
	}
	agent := d.agent()
	if p := agent.get(d.base + "/situation"); p.url.Path != "/" {
		t.Errorf("an agent gets to %s", p.url)
	}
}

// A whole server: what the agent does reaches the customer's mailbox and nobody else's, survives a restart, and
// stands in the trail.
func TestAnAgentHelps(t *testing.T) {
	const address = "customerX@example.com"
	d := startDemo(t, "--console-token", consoleToken)
	customer := d.browser()
	customer.start(address)
	ref := reference(customer.page)
	first := d.mail(address, 0)
	agent := d.agent()
	agent.submit(agent.field("find"), "find", strings.ToLower(strings.ReplaceAll(ref, "-", "")))
	if agent.page.url.Path != "/console/cases/"+ref || agent.page.status != http.StatusOK {
		t.Fatalf("at %s with %d", agent.page.url, agent.page.status)
	}
	d.settled() // a mail that is not known to have gone out is not sent once more
	agent.act("resend-prove")
	second := d.mail(address, 1)
	if second.code() != first.code() {
		t.Error("the customer's code is another one now")
	}
	d.kill(syscall.SIGTERM)
	d.start()
	agent.get("/console/cases/" + ref)
	if agent.page.status != http.StatusOK || agent.page.url.Path != "/console/cases/"+ref {
		t.Errorf("after a restart the agent is at %s with %d", agent.page.url, agent.page.status)
	}
	customer.submit(customer.field("code"), "code", second.code())
	if customer.page.url.Path != "/situation" {
		t.Errorf("the customer is at %s", customer.page.url)
	}
	agent.act("resolve")
	agent.get("/console/audit")
	for _, step := range []string{"agent-signed-in", "agent-searched", "agent-viewed", "agent-resent", "resolved"} {
		found := false
		for _, act := range agent.page.hooks["act"] {
			found = found || act == step
		}
		if !found || !strings.Contains(agent.page.body, "Grace (token)") {
			t.Errorf("the trail has no %s of Grace", step)
		}
	}
	if customer.get("/situation").url.Path != "/situation" {
		t.Error("the customer's journey was ended")
	}
	for _, m := range d.inbox("") {
		if m.To != address {
			t.Errorf("a mail to %s", m.To)
		}
	}
}

// A link that an agent makes leads to the start page, filled in, and its case is bound to the ticket and tells so.
func TestAnAgentsLink(t *testing.T) {
	const address = "customerX@example.com"
	d := startDemo(t, "--console-token", consoleToken)
	agent := d.agent()
	agent.get("/console/links")
	agent.submit(agent.field("ticket"), "ticket", "#12345", "email", address, "situation", "unconfirmed", "life", "1d")
	copied := agent.page.hooks["copy"]
	if len(copied) == 0 || !strings.HasPrefix(copied[0], d.base+"/s/") || strings.Contains(copied[0], "customer") {
		t.Fatalf("the link is %q", copied)
	}
	customer := d.browser()
	if got := customer.get(copied[0]); got.url.Path != "/" || customer.field("email").fields.Get("email") != address {
		t.Fatalf("the link leads to %s", got.url)
	}
	customer.submit(customer.field("email"))
	agent.get("/console/cases/" + reference(customer.page))
	for _, want := range []string{"Came by a signed support link", "12345", address} {
		if !strings.Contains(agent.page.text, want) {
			t.Errorf("the case does not tell %q", want)
		}
	}
}

// Every page of the console, as its agent comes to it, in a real browser.
func TestTheConsoleIsForEveryAgent(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20", "--console-token", consoleToken)
	customer := d.prove("customerY@example.com")
	customer.act("email-sign-in-link")
	customer.get("/support")
	customer.submit(customer.field("message"), "message", "I bought this for our team and cannot get in.")
	ref := reference(customer.page)
	bounced := d.browser()
	bounced.start("bounced@example.com")
	d.settled()
	p := d.person()
	p.open(d.ops + "/console/cases/" + ref)
	p.check("console-sign-in")
	p.do(chromedp.SendKeys(`input[name=key]`, "wrong"))
	p.press(`[data-action=sign-in-token] button`)
	p.check("console-sign-in-nameless")
	p.do(chromedp.SendKeys(`input[name=key]`, "wrong"), chromedp.SendKeys(`input[name=name]`, "Grace Hopper"))
	p.press(`[data-action=sign-in-token] button`)
	p.check("console-sign-in-wrong")
	p.do(chromedp.SendKeys(`input[name=key]`, consoleToken)) // the name is still there
	p.press(`[data-action=sign-in-token] button`)
	if at := p.location(); at != d.ops+"/console/cases/"+ref {
		t.Errorf("signed in, the agent is at %s", at)
	}
	p.check("console-case")
	p.press(`[data-action=resend-sign-in] button`)
	d.settled()
	p.press(`[data-action=resolve] button`)
	p.check("console-case-resolved")
	p.press(`[data-action=dry-run] button`)
	p.check("console-dry-run")
	p.open(d.ops + "/console")
	p.check("console-home")
	p.do(chromedp.SendKeys(`input[name=find]`, "LK-CCCC-CCCC"))
	p.press(`[data-action=find] button`)
	p.check("console-home-wrong")
	p.do(chromedp.SetValue(`input[name=find]`, "customerY@example.com"))
	p.press(`[data-action=find] button`)
	p.check("console-cases")
	p.open(d.ops + "/console/audit")
	p.check("console-audit")
	p.do(chromedp.EmulateViewport(320, 900))
	shows, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`(() => {
		const box = document.querySelector(".scroll"), what = document.querySelector("th:nth-child(3)").getBoundingClientRect();
		return box.scrollWidth > box.clientWidth && getComputedStyle(box).backgroundImage.includes("gradient") &&
			what.left + 16 < box.getBoundingClientRect().right;
	})()`))
	if err != nil || !shows {
		t.Errorf("at 320 px nothing shows what was done, or that the table goes on: %v", err)
	}
	p.open(d.ops + "/console/cases/" + reference(bounced.page))
	p.check("console-case-bounced")
	p.open(d.ops + "/console/links")
	p.check("console-links")
	p.do(chromedp.SendKeys(`input[name=ticket]`, "a b"))
	p.press(`[data-action=make-link] button`)
	p.check("console-links-wrong")
	p.do(chromedp.SetValue(`input[name=ticket]`, "12345"), chromedp.SendKeys(`input[name=email]`, "customerX@example.com"))
	p.press(`[data-action=make-link] button`)
	p.check("console-links-made")
	p.open(d.ops + "/console/nowhere")
	p.check("console-nowhere")
}

// Without a script, and by the keyboard alone: the form that finds a case is the first thing behind the links.
func TestTheConsoleByKeyboard(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20", "--console-token", consoleToken)
	customer := d.browser()
	customer.start("customerX@example.com")
	ref := reference(customer.page)
	p := d.person()
	p.withoutScripts()
	p.open(d.ops + "/console")
	p.do(chromedp.SendKeys(`input[name=key]`, consoleToken), chromedp.SendKeys(`input[name=name]`, "Grace\r"))
	p.do(chromedp.WaitVisible(`input[name=find]`))
	p.do(chromedp.SendKeys(`input[name=find]`, ref+"\r"))
	p.do(chromedp.WaitVisible(`.rail`))
	if at := p.location(); at != d.ops+"/console/cases/"+ref {
		t.Errorf("at %s", at)
	}
}
