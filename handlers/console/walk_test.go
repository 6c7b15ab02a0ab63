package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/handlers/console"
	"latchkey/internal/account"
	"latchkey/internal/demo"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// link makes links as a recovery.Service would.
func (h *house) link(_ context.Context, w console.WantedLink) (string, error) {
	h.linked++
	if strings.Contains(w.Ticket, " ") || w.Ticket == "" || w.Life == 0 {
		return "", fmt.Errorf("%w: ticket", console.ErrLinkRefused)
	}
	return "https://help.example.com/s/sealed-" + w.Ticket + "-" + w.Situation + "-" + w.Life.String(), nil
}

// An agent's day: every step of it is in the audit trail, with who, and on the page of it.
func TestAnAgentsDay(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t, withLinks)
	c := h.customer()
	c.situation(address)
	reference := c.reference()
	b := h.browser()
	b.get("/console")
	b.byProvider("grace")
	b.at("/console", http.StatusOK)

	b.press("find", "find", " "+strings.ToLower(strings.ReplaceAll(reference, "-", " ")))
	b.at("/console/cases/"+reference, http.StatusOK)
	must(t, h.outbox.Flush(t.Context()))
	h.clock.Pass(time.Minute)
	b.press("resend-prove")
	b.at("/console/cases/"+reference, http.StatusOK)
	if !b.page.has("The code is on its way to " + address + ".") {
		t.Errorf("the page does not say that the code is on its way: %s", b.page.text)
	}
	if !b.page.has("sent a mail again") || !b.page.has("the code, to the address of the case") {
		t.Errorf("the line does not tell of the mail: %s", b.page.text)
	}
	b.press("dry-run")
	b.at("/console/dry-run", http.StatusOK)
	b.get("/console/cases/" + reference + "?kind=sign-in&account=9") // nothing of the kind was sent
	if b.page.has("is on its way to") {
		t.Errorf("the page says that a mail is on its way: %s", b.page.text)
	}
	must(t, h.outbox.Flush(t.Context()))
	h.clock.Pass(2 * time.Minute)
	b.get("/console/cases/" + reference + "?kind=prove&account=") // a link that anybody may have written
	if b.page.has("is on its way to") {
		t.Errorf("a link has the page say that a mail is on its way: %s", b.page.text)
	}
	b.press("resolve")
	if !b.page.has("grace (42) marked this case as resolved") || !b.page.has("Resolved") {
		t.Error("the page does not say that it is resolved")
	}
	if slices.ContainsFunc(b.page.forms, func(f webForm) bool { return f.hook == "resolve" }) {
		t.Error("it can be resolved twice")
	}
	b.get("/console")
	b.press("find", "find", strings.ToUpper(address))
	b.at("/console/cases", http.StatusOK)
	if !b.page.has(reference) || !b.page.has("Resolved") {
		t.Errorf("the case is not among those of its address: %s", b.page.text)
	}
	b.get("/console")
	b.press("dry-run", "email", address)
	b.at("/console/dry-run", http.StatusOK)
	b.get("/console/links")
	b.press("make-link", "ticket", " #12345 ", "email", address, "situation", "unlinked-legacy", "life", "3d")
	b.at("/console/links", http.StatusOK)
	if !b.page.has("https://help.example.com/s/sealed-12345-unlinked-legacy-72h0m0s") {
		t.Errorf("the link is not shown: %s", b.page.text)
	}
	b.get("/console/audit")
	for _, step := range []string{
		"signed in to the console · by your company’s sign-in", "looked for a case · by a reference", "looked for a case · by an address",
		"looked at the case", "sent a mail again", "ran a diagnosis dry", "made a signed support link · 12345", "marked the case as resolved",
	} {
		if !b.page.has(step) {
			t.Errorf("the page of the trail has no %q", step)
		}
	}
	if !strings.Contains(b.page.body, `href="/console/cases/`+reference+`"`) || strings.Contains(b.page.body, "/cases/console") {
		t.Error("the page of the trail does not lead to the case, or to a case of what was done outside of any")
	}
	if hash := h.keys.HashAddress(strings.ToLower(address)); !b.page.has(hash[:10]) || b.page.has(hash) {
		t.Error("the page of the trail does not tell addresses apart, or by more than it takes")
	}
	b.press("sign-out")
	who := "grace (42): "
	want := []string{
		who + "agent-signed-out () console", who + "agent-linked (12345) console", who + "agent-dry-ran () console",
		who + "agent-searched (address) console", who + "agent-viewed () " + reference, who + "resolved () " + reference,
		who + "agent-viewed () " + reference, who + "agent-viewed () " + reference,
		who + "agent-dry-ran () " + reference, who + "agent-viewed () " + reference,
		who + "agent-resent (prove) " + reference, who + "agent-viewed () " + reference, who + "agent-searched (reference) " + reference,
		who + "agent-signed-in (provider) console",
	}
	if got := h.trail(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	checkNothingLeaks(t, h, b, address)
}

// checkNothingLeaks: no address in a URL (R11), and neither it nor the token, a code or a cookie in the log.
func checkNothingLeaks(t *testing.T, h *house, b *browser, address string) {
	t.Helper()
	for _, url := range b.seen {
		if strings.Contains(strings.ToLower(url), "customerx") || strings.Contains(url, "@") {
			t.Errorf("an address in %s", url)
		}
	}
	log := strings.ToLower(h.log.String())
	for _, secret := range []string{address, "customerx", consoleToken, "code=", "grace", "127.0.0.1"} {
		if strings.Contains(log, strings.ToLower(secret)) {
			t.Errorf("the log has %q", secret)
		}
	}
	if !strings.Contains(log, `"case":"lk-`) || !strings.Contains(log, h.keys.HashAddress(strings.ToLower(address))) {
		t.Error("the log knows neither the case nor the address's hash")
	}
}

func TestFindingInVain(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn()
	for typed, says := range map[string]string{
		"LK-CCCC-CCCC": "No case has this reference", "hello": "Enter a reference such as", "": "Enter a reference such as",
		"a@b@c": "Enter a reference such as",
	} {
		b.get("/console")
		b.press("find", "find", typed)
		b.at("/console/find", http.StatusUnprocessableEntity)
		if !b.page.has(says) {
			t.Errorf("%q: it says %.300s", typed, b.page.text)
		}
	}
	b.get("/console")
	b.press("find", "find", "nobody@example.com")
	b.at("/console/cases", http.StatusOK)
	if !b.page.has("There is no case of this address") {
		t.Errorf("it says %.300s", b.page.text)
	}
	b.get("/console/cases/LK-CCCC-CCCC")
	b.at("/console/cases/LK-CCCC-CCCC", http.StatusNotFound)
	b.get("/console/cases/nonsense")
	b.at("/console/cases/nonsense", http.StatusNotFound)
	b.get("/console/nowhere")
	b.at("/console/nowhere", http.StatusNotFound)
}

// The first page has the newest cases, and no address of theirs (that is for who opens one).
func TestTheNewestCases(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn()
	if b.page.has("Newest cases") {
		t.Error("a list of nothing")
	}
	var references []string
	for range 11 {
		c := h.customer()
		c.situation("customerX@example.com")
		references = append([]string{c.reference()}, references...)
		h.clock.Pass(time.Second)
	}
	b.get("/console")
	b.at("/console", http.StatusOK)
	at := -1
	for _, reference := range references[:10] {
		found := strings.Index(b.page.body, `href="/console/cases/`+reference+`"`)
		if found <= at {
			t.Errorf("%s is at %d, want it after %d", reference, found, at)
		}
		at = found
	}
	if strings.Contains(b.page.body, references[10]) {
		t.Error("the eleventh is on the list")
	}
	if !b.page.has("Your account isn’t linked to GitLab.com yet") || strings.Contains(strings.ToLower(b.page.body), "customerx") {
		t.Errorf("no situation, or an address: %s", b.page.text)
	}
	for _, line := range h.trail() {
		if strings.Contains(line, "viewed") {
			t.Errorf("nobody looked at a case: %s", line)
		}
	}
	b.get("/console/cases/" + references[0])
	b.at("/console/cases/"+references[0], http.StatusOK)
}

func TestCasesByPages(t *testing.T) {
	h := newHouse(t)
	var newest string
	for range 23 {
		c := h.customer()
		c.start("customerX@example.com")
		newest = c.reference()
		h.clock.Pass(time.Second)
	}
	b := h.signedIn()
	b.press("find", "find", "customerX@example.com")
	if got := strings.Count(b.page.body, "data-reference"); got != 20 || strings.Index(b.page.body, newest) > strings.Index(b.page.body, `data-reference="LK-`)+40 {
		t.Errorf("%d cases, the newest not first", got)
	}
	b.get("/console/cases?page=2")
	if got := strings.Count(b.page.body, "data-reference"); got != 3 {
		t.Errorf("%d cases on the second page", got)
	}
	for _, page := range []string{"0", "-1", "x", "99999999999999999999", "1e3"} {
		b.get("/console/cases?page=" + page)
		b.at("/console/cases", http.StatusOK)
	}
}

// Every demo customer, dry: whatever the portal knows has words.
func TestADryRunOfEverybody(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn()
	for _, c := range demo.Customers() {
		b.get("/console")
		b.press("dry-run", "email", c.Address)
		b.at("/console/dry-run", http.StatusOK)
		if c.Situation != "" && !strings.Contains(b.page.body, `data-situation="`+c.Situation+`"`) {
			t.Errorf("%s: no %s", c.Address, c.Situation)
		}
	}
	mails, err := h.inbox.Mails(t.Context(), "", 10)
	must(t, err)
	if len(mails) > 0 {
		t.Errorf("%d mails were sent", len(mails))
	}
	b.get("/console")
	b.press("dry-run", "email", "not an address")
	b.at("/console/dry-run", http.StatusUnprocessableEntity)
	h.shop.Close()
	b.get("/console")
	b.press("dry-run", "email", "customerX@example.com")
	b.at("/console/dry-run", http.StatusOK)
	if !b.page.has("this is no diagnosis") || !b.page.has("Couldn’t be asked") {
		t.Errorf("with the portal down it says %s", b.page.text)
	}
}

// A dry run shows nobody's name, and no address but the one that was asked for (R2).
func TestADryRunTellsNothingOfOthers(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn()
	b.press("dry-run", "email", "customerZ@example.com")
	if strings.Contains(b.page.body, "gitlabZ@") || !strings.Contains(b.page.body, "customerZ@") {
		t.Errorf("the page names the identity's address, or not its own")
	}
	b.get("/console")
	b.press("dry-run", "email", "firstname_lastname@organization.com")
	if strings.Contains(b.page.body, "firstname.lastname@organization.com") {
		t.Error("the page names a similar address")
	}
}

func TestACaseInWords(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t)
	c := h.customer()
	c.situation(address)
	c.do(func(ctx context.Context, v *recovery.Visitor) error {
		ds, err := h.service.Diagnose(ctx, v)
		if err != nil {
			return err
		}
		return h.service.EmailSignInLink(ctx, v, ds.Report.Accounts[0].Account.ID)
	})
	c.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.service.HandOff(ctx, v, "Please <b>help</b>")
	})
	must(t, h.outbox.Flush(t.Context()))
	b := h.signedIn()
	b.get("/console/cases/" + c.reference())
	b.at("/console/cases/"+c.reference(), http.StatusOK)
	for _, want := range []string{
		"Case of " + address, "With support", "The customer asked for a code", "The customer proved the mailbox by the code",
		"Found: Your account isn’t linked to GitLab.com yet", "Mail: code and link", "Mail: sign-in link", "Handed off to support",
		"Send the sign-in link again", "This went to support at", "Please <b>help</b>", "No further proof is needed", "What to do:", "Facts, as the systems gave them:",
		"Came to the start page", "Firefox on Windows",
	} {
		if !b.page.has(want) {
			t.Errorf("no %q in: %s", want, b.page.text)
		}
	}
	b.press("resend-sign-in")
	b.at("/console/cases/"+c.reference(), http.StatusOK)
	if !b.page.has("The sign-in link is on its way to " + address + ".") {
		t.Errorf("the page does not say that the link is on its way: %s", b.page.text)
	}
	must(t, h.outbox.Flush(t.Context()))
	mails, err := h.inbox.Mails(t.Context(), "", 100)
	must(t, err)
	links := 0
	for _, m := range mails {
		if strings.Contains(m.Subject, "sign-in link") {
			links++
			if m.To != address {
				t.Errorf("a sign-in link went to %s", m.To)
			}
		}
	}
	if links < 2 {
		t.Errorf("%d sign-in links went out, want two", links)
	}
}

// The page says that a mail is on its way for as long as it waits, and for a minute.
func TestAMailIsOnItsWay(t *testing.T) {
	h := newHouse(t)
	c := h.customer()
	c.situation("customerX@example.com")
	b := h.signedIn()
	expect := func(when string, want bool) {
		t.Helper()
		b.get("/console/cases/" + c.reference() + "?kind=prove&account=")
		if got := b.page.has("The code is on its way to"); got != want {
			t.Errorf("%s: on its way: %v, want %v", when, got, want)
		}
	}
	h.clock.Pass(3 * time.Minute)
	expect("still waiting", true)
	must(t, h.outbox.Flush(t.Context()))
	expect("gone, and asked for long ago", false)
	b.press("resend-prove")
	must(t, h.outbox.Flush(t.Context()))
	h.clock.Pass(59 * time.Second)
	expect("just gone", true)
	h.clock.Pass(time.Second)
	expect("gone a minute ago", false)
}

// Who says that they did not get in is believed, in the list and on the page of the case.
func TestACaseThatDidNotGetIn(t *testing.T) {
	h := newHouse(t)
	c := h.customer()
	c.situation("customerX@example.com")
	c.do(func(ctx context.Context, v *recovery.Visitor) error {
		ds, err := h.service.Diagnose(ctx, v)
		if err != nil {
			return err
		}
		_, err = h.service.SignInNow(ctx, v, ds.Report.Accounts[0].Account.ID)
		return err
	})
	h.clock.Pass(time.Minute)
	c.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.service.SayGotIn(ctx, v, recovery.GotInNo)
	})
	b := h.signedIn()
	for _, path := range []string{"/console", "/console/cases/" + c.reference()} {
		b.get(path)
		b.at(path, http.StatusOK)
		if !strings.Contains(b.page.body, `badge-not-in">Didn’t get in<`) || strings.Contains(b.page.body, "badge-signed-in") {
			t.Errorf("%s says otherwise: %s", path, b.page.text)
		}
	}
}

// Who says "this wasn't me" is not who asked: the line calls the one the customer and not the other.
func TestWhoDisownsIsNotTheCustomer(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t)
	c := h.customer()
	c.situation(address)
	c.do(func(ctx context.Context, v *recovery.Visitor) error { return h.service.HandOff(ctx, v, "Let me in") })
	ds, err := h.store.Deliveries(t.Context(), c.session.CaseID)
	must(t, err)
	b := h.signedIn()
	b.get("/console/cases/" + c.reference())
	if !b.page.has("What to do:") || b.page.has("Let nobody in") {
		t.Errorf("before: %s", b.page.text)
	}
	owner := h.customer()
	owner.do(func(ctx context.Context, v *recovery.Visitor) error {
		for _, d := range ds {
			if d.AsideID == "" || d.Kind != recovery.KindHandedOff {
				continue
			}
			aside, err := h.store.Challenge(ctx, d.AsideID)
			if err != nil {
				return err
			}
			token, err := h.keys.LinkToken(aside.KeyID, aside.ID)
			if err != nil {
				return err
			}
			if _, err := h.service.HoldLink(ctx, v, token); err != nil {
				return err
			}
		}
		return h.service.DisownByLink(ctx, v, address)
	})
	b.get("/console/cases/" + c.reference())
	if !b.page.has("Let nobody in") || b.page.has("What to do:") || b.page.has("No further proof") {
		t.Errorf("an agent is told to let in who asked: %s", b.page.text)
	}
	if !b.page.has("Whoever has the mailbox said that it wasn’t them") || b.page.has("The customer said that it wasn’t them") {
		t.Errorf("the line says otherwise: %s", b.page.text)
	}
	if !b.page.has("The customer asked support") {
		t.Errorf("who asked is not the customer: %s", b.page.text)
	}
}

// Only a mail that the case had can be sent again, whatever the form says.
func TestResendsThatAreRefused(t *testing.T) {
	h := newHouse(t)
	c := h.customer()
	c.situation("customerX@example.com")
	b := h.signedIn()
	b.get("/console/cases/" + c.reference())
	start := b.page
	for _, tt := range []struct {
		kind, account string
		status        int
	}{
		{"sign-in", "1", 409}, {"confirm", "1", 409}, {"ticket", "", 409}, {"", "", 409}, {"find-other", "", 409},
	} {
		b.page = start
		b.press("resend-prove", "kind", tt.kind, "account", tt.account)
		if b.page.status != tt.status || !b.page.has("doesn’t permit this") {
			t.Errorf("%s: %d", tt.kind, b.page.status)
		}
	}
	for range 4 {
		must(t, h.outbox.Flush(t.Context()))
		h.clock.Pass(2 * time.Minute)
		b.get("/console/cases/" + c.reference())
		b.press("resend-prove")
	}
	if b.page.status != http.StatusTooManyRequests || !b.page.has("That was all the mail there is") {
		t.Errorf("the fourth code of a day: %d", b.page.status)
	}
}

func TestLinksAndMacros(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn()
	if strings.Contains(b.page.body, "/console/links") {
		t.Error("a page is offered that is not there")
	}
	b.get("/console/links")
	b.at("/console/links", http.StatusNotFound)
	h = newHouse(t, func(h *house) {
		h.config.Macros = func(lang string) []templates.MacroText {
			return []templates.MacroText{{ID: "any", Title: "Can't sign in", Text: "Go to {{x}} <here>\nand there (" + lang + ")"}}
		}
	})
	b = h.signedIn()
	b.get("/console/links")
	b.at("/console/links", http.StatusOK)
	if !b.page.has("Go to {{x}} <here> and there (en)") || strings.Contains(b.page.body, "make-link") {
		t.Errorf("macros alone: %s", b.page.text)
	}
	if !strings.Contains(b.page.body, `data-copy="Go to {{x}} &lt;here&gt;`) {
		t.Error("no button to copy a text by")
	}
	h = newHouse(t, withLinks)
	b = h.signedIn()
	for _, tt := range []struct {
		pairs []string
		says  string
	}{
		{[]string{"ticket", "a b", "life", "3d"}, "A link can’t be made of this"},
		{[]string{"ticket", "", "life", "3d"}, "A link can’t be made of this"},
		{[]string{"ticket", "1", "life", "1000d"}, "A link can’t be made of this"},
		{[]string{"ticket", "1", "life", "3d", "email", "nobody"}, "Enter one email address"},
	} {
		b.get("/console/links")
		b.press("make-link", tt.pairs...)
		if b.page.status != http.StatusUnprocessableEntity || !b.page.has(tt.says) {
			t.Errorf("%q: %d, %.200s", tt.pairs, b.page.status, b.page.text)
		}
	}
	for _, line := range h.trail() {
		if strings.Contains(line, "linked") {
			t.Errorf("a link that was not made is in the trail: %s", line)
		}
	}
}

// silent has no trail: then nothing is shown that would have to stand in it.
type silent struct{ console.Agents }

var errSilent = errors.New("no trail")

func (silent) LinkMade(context.Context, *recovery.AgentVisitor, string, account.Address) error {
	return errSilent
}

func TestNoLinkWithoutATrail(t *testing.T) {
	h := newHouse(t, withLinks, func(h *house) { h.config.Agents = silent{recovery.NewAgents(h.service, h.agents)} })
	b := h.signedIn()
	b.get("/console/links")
	b.press("make-link", "ticket", "1", "life", "3d")
	b.at("/console/links", http.StatusInternalServerError)
	if strings.Contains(b.page.body, "sealed") {
		t.Error("a link is shown that stands in no trail")
	}
}
