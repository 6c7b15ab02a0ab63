package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
)

// Every demo customer goes from the start page to their situation.
func TestEveryDemoCustomerFindsTheirSituation(t *testing.T) {
	h := newHouse(t)
	for _, customer := range demo.Customers() {
		if customer.Situation == "" {
			continue
		}
		t.Run(customer.Address, func(t *testing.T) {
			b := h.as(t).prove(customer.Address)
			if !b.page.has("situation", customer.Situation) {
				t.Errorf("found %v, want %s among them", b.page.hooks["situation"], customer.Situation)
			}
			if !b.page.has("action", "hand-off") {
				t.Errorf("offered %v, want a hand-off among them", b.page.hooks["action"])
			}
			if references := b.page.hooks["reference"]; len(references) != 1 || !strings.HasPrefix(references[0], "LK-") {
				t.Errorf("references %v, want one", references)
			}
		})
	}
}

func TestARefusedMailboxIsTold(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start(demo.BouncedAddress)
	if !b.page.has("delivery", "queued") {
		t.Errorf("delivery is %v, want queued", b.page.hooks["delivery"])
	}
	h.mails(demo.BouncedAddress)
	b.get("/check-email")
	b.at("/check-email", http.StatusOK)
	if !b.page.has("delivery", "failed") {
		t.Errorf("delivery is %v, want failed", b.page.hooks["delivery"])
	}
}

func TestNobodyIsLookedUpBeforeProof(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	b.fill("code", "00000000")
	b.at("/check-email", http.StatusUnprocessableEntity)
	h.mails("healthy@example.com")
	b.get("/check-email")
	b.get(linksOf(t, h.mail("healthy@example.com"))[0])
	if n := h.portal.CallCount(); n != 0 {
		t.Errorf("%d calls of the customer portal before proof, want none", n)
	}
}

func TestACodeFromTheMailIsTakenInAnyShape(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	code := codeOf(t, h.mail("healthy@example.com"))
	b.fill("code", "not a code")
	b.at("/check-email", http.StatusUnprocessableEntity)
	b.fill("code", " "+code[:4]+" - "+code[4:]+" ")
	b.at("/situation", http.StatusOK)
}

func TestAnExpiredCodeIsTold(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	code := codeOf(t, h.mail("healthy@example.com"))
	form := b.form("code")
	h.clock.Pass(15 * time.Minute)
	b.submit(form, "code", code)
	if b.at("/check-email", http.StatusUnprocessableEntity); b.page.contains("There is a problem") {
		t.Error("that the code is too old is said a second time")
	}
	b.get("/check-email")
	for _, f := range b.page.forms {
		if f.fields.Has("code") {
			t.Error("the page still asks for the code that has expired")
		}
	}
}

func TestFiveTriesThenANewCode(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	code := codeOf(t, h.mail("healthy@example.com"))
	field := b.form("code")
	for i := range 5 {
		if b.page.contains("be used any more") {
			t.Errorf("given up after %d wrong codes", i)
		}
		b.fill("code", other(code))
		b.at("/check-email", http.StatusUnprocessableEntity)
	}
	for _, again := range []func() page{
		func() page { return b.page },
		func() page { return b.submit(field, "code", code) },
		func() page { return b.get("/check-email") },
	} {
		p := again()
		if p.url.Path != "/check-email" || !p.contains("be used any more") || !p.contains("I have a newer code") || p.contains("#code") || p.contains("stays good") {
			t.Errorf("%s answers %d, and does not say that the code is spent, or speaks of it as good:\n%s", p.url, p.status, p.body)
		}
		if n := strings.Count(p.body, "tried"); n != 1 || p.contains("There is a problem") || p.contains("<details open>") {
			t.Errorf("%s answers %d, and says %d times that the code was tried too often, want once", p.url, p.status, n)
		}
	}
	b.fill("code", "12")
	if b.at("/check-email", http.StatusUnprocessableEntity); !b.page.contains(`href="#code"`) || !b.page.contains("<details open>") {
		t.Error("a newer code that is none is not pointed out where it was typed")
	}
	b.fill("code", other(code))
	if b.at("/check-email", http.StatusUnprocessableEntity); !b.page.contains(`href="#code"`) || !b.page.contains("<details open>") {
		t.Error("a newer code that is wrong is not pointed out where it was typed")
	}

	b.resend()
	b.at("/check-email", http.StatusOK)
	fresh := codeOf(t, h.mail("healthy@example.com"))
	if fresh == code {
		t.Fatal("the code without a try left was sent again")
	}
	b.fill("code", fresh)
	b.at("/situation", http.StatusOK)
}

// other is a code that differs.
func other(code string) string {
	if code == "00000000" {
		return "11111111"
	}
	return "00000000"
}

func (b *browser) resend() {
	b.t.Helper()
	for _, f := range b.page.forms {
		if f.action == "/check-email/resend" {
			b.submit(f)
			return
		}
	}
	b.t.Fatal("no form to send the mail again")
}

func TestResendRepeatsTheCode(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	first := codeOf(t, h.mail("healthy@example.com"))
	h.clock.Pass(2 * time.Minute)
	b.get("/check-email")
	b.resend()
	mails := h.mails("healthy@example.com")
	if len(mails) != 2 || codeOf(t, mails[0]) != first {
		t.Fatalf("%d mails, want two with one code", len(mails))
	}
	b.fill("code", first)
	b.at("/situation", http.StatusOK)
}

func TestChangingTheAddressKeepsTheCase(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	reference := b.page.hooks["reference"][0]
	old := codeOf(t, h.mail("nobody@example.com"))
	b.start("healthy@example.com")
	if got := b.page.hooks["reference"][0]; got != reference {
		t.Errorf("the reference is %s now, want %s", got, reference)
	}
	b.fill("code", codeOf(t, h.mail("healthy@example.com")))
	b.at("/situation", http.StatusOK)
	if !b.page.contains("healthy@example.com") || old == "" {
		t.Error("the situation is not that of the new address")
	}
}

// Somebody tries another address, cannot open that mailbox, and goes back to what was found. What they do there
// has to be answered there, and not by the page that waits for the other code.
func TestWhatIsDoneAfterGoingBackIsAnsweredThere(t *testing.T) {
	for _, tt := range []struct {
		who  string
		do   func(b *browser)
		path string
		says string
	}{
		{"customerX@example.com", func(b *browser) { b.press("email-sign-in-link") }, "/situation", "unlinked-legacy"},
		{"unconfirmed@example.com", func(b *browser) { b.press("resend-confirmation") }, "/situation", "unconfirmed"},
		{"firstname_lastname@organization.com", func(b *browser) { b.press("mail-other-address") }, "/situation", "different-email"},
		{"customerZ@example.com", func(b *browser) {
			b.get("/support")
			b.fill("message", "please")
		}, "/support", ""},
	} {
		t.Run(tt.who, func(t *testing.T) {
			h := newHouse(t)
			b := h.prove(tt.who)
			b.start("somebody@example.com")
			b.at("/check-email", http.StatusOK)
			b.get("/situation")
			tt.do(b)
			b.at(tt.path, http.StatusOK)
			if tt.says != "" && !b.page.has("situation", tt.says) {
				t.Errorf("the page shows %v, want %s", b.page.hooks["situation"], tt.says)
			}
		})
	}
}

func TestTwoTabsOfOneBrowser(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	second := b.tab()
	second.get("/check-email")
	stale := second.form("code")
	code := codeOf(t, h.mail("healthy@example.com"))
	b.fill("code", code)
	b.at("/situation", http.StatusOK)
	// The other tab's form is still good, and its page is now the situation's.
	second.submit(stale, "code", code)
	if second.page.status == http.StatusForbidden {
		t.Error("the other tab's form went stale")
	}
	second.get("/check-email")
	second.at("/situation", http.StatusOK)
}

func TestARestartInBetweenLosesNothing(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("customerX@example.com")
	form := b.form("code")
	h.restart()
	code := codeOf(t, h.mail("customerX@example.com"))
	b.submit(form, "code", code)
	b.at("/situation", http.StatusOK)
	h.restart()
	b.get("/")
	b.get("/situation")
	b.at("/situation", http.StatusOK)
	b.press("sign-in")
	if b.page.url.Host != strings.TrimPrefix(h.shop.URL, "http://") {
		t.Errorf("at %s, want the customer portal", b.page.url)
	}
}

func TestTheBackButtonLeadsOn(t *testing.T) {
	h := newHouse(t)
	b := h.prove("healthy@example.com")
	b.get("/check-email")
	b.at("/situation", http.StatusOK)
	b.get("/prove")
	b.at("/situation", http.StatusOK)
	b.get("/")
	b.at("/", http.StatusOK)
	if !b.page.contains(`href="/situation"`) {
		t.Error("the start page offers no way back to the situation")
	}
}

func TestAProofLapses(t *testing.T) {
	h := newHouse(t)
	b := h.prove("healthy@example.com")
	form := b.page
	h.clock.Pass(31 * time.Minute)
	b.get("/situation")
	b.at("/check-email", http.StatusOK)
	b.page = form
	b.press("sign-in")
	b.at("/check-email", http.StatusOK)
}

func TestStartOver(t *testing.T) {
	h := newHouse(t)
	b := h.prove("healthy@example.com")
	for _, f := range b.page.forms {
		if f.action == "/end" {
			b.submit(f)
		}
	}
	b.at("/", http.StatusOK)
	b.get("/situation")
	b.at("/", http.StatusOK)
}

func TestAStrangersPagesLeadToTheStart(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/check-email", "/situation", "/support"} {
		b := h.browser()
		b.get(path)
		b.at("/", http.StatusOK)
	}
	for _, path := range []string{"/prove", "/sign-in", "/confirm", "/stop", "/disown", "/l/nothing", "/s/nothing"} {
		b := h.browser()
		b.get(path)
		b.at(path, http.StatusGone)
	}
}
