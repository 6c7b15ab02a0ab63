package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/demo"
)

// inPortal checks that the browser has arrived at the customer portal, signed in as an address.
func (h *house) inPortal(b *browser, address string) {
	h.t.Helper()
	if "http://"+b.page.url.Host != h.shop.URL || b.page.status != http.StatusOK {
		h.t.Fatalf("at %s with %d, want the customer portal", b.page.url, b.page.status)
	}
	if !strings.Contains(strings.ToLower(b.page.body), strings.ToLower(address)) {
		h.t.Errorf("the customer portal does not show %s", address)
	}
}

func TestSignInNow(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerX@example.com")
	b.press("sign-in")
	h.inPortal(b, "customerX@example.com")
	if !strings.Contains(strings.Join(subjects(h.mails("customerX@example.com")), "\n"), "Was it you who signed in to the Customers Portal?") {
		t.Errorf("no notice of the sign-in among %q", subjects(h.mails("customerX@example.com")))
	}
}

func subjects(mails []demo.Mail) (all []string) {
	for _, m := range mails {
		all = append(all, m.Subject)
	}
	return all
}

func TestAMailedSignInLinkWorksOnce(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerY@example.com")
	b.press("email-sign-in-link")
	b.at("/situation", http.StatusOK)
	link := linksOf(t, h.mail("customerY@example.com"))[0]
	b.get(link)
	b.at("/sign-in", http.StatusOK)
	b.submit(actionForm(t, b.page, "/sign-in"))
	h.inPortal(b, "customerY@example.com")

	again := h.browser()
	again.get(link)
	again.at("/sign-in", http.StatusGone)
}

func actionForm(t *testing.T, p page, action string) form {
	t.Helper()
	for _, f := range p.forms {
		if f.action == action {
			return f
		}
	}
	t.Fatalf("%s: no form to %s", p.url, action)
	return form{}
}

func TestTheMailedConfirmationConfirms(t *testing.T) {
	const address = "unconfirmed@example.com"
	h := newHouse(t)
	b := h.prove(address)
	b.press("resend-confirmation")
	b.at("/situation", http.StatusOK)
	b.get(linksOf(t, h.mail(address))[0])
	b.at("/confirm", http.StatusOK)
	b.submit(actionForm(t, b.page, "/confirm"))
	if "http://"+b.page.url.Host != h.shop.URL {
		t.Fatalf("at %s, want the customer portal", b.page.url)
	}
	const says, guess = "Your address is now confirmed", "perhaps signed in to another"
	if b.get("/situation"); !strings.Contains(b.page.text(), says) || strings.Contains(b.page.text(), guess) {
		t.Errorf("the case that confirmed it does not say so, or guesses at another cause: %s", b.page.text())
	}
	now := h.prove(address)
	if now.page.has("situation", "unconfirmed") {
		t.Error("still unconfirmed")
	}
	if strings.Contains(now.page.text(), says) || !strings.Contains(now.page.text(), guess) {
		t.Error("another case says what this one knows")
	}
}

// Who asked twice has two mails, and presses the second button after the first has confirmed. The portal has
// nothing left to confirm: it must not look as if it were down, with a button to press over and over.
func TestAConfirmationThatIsNotNeededAnyMoreIsADeadLink(t *testing.T) {
	const address = "unconfirmed@example.com"
	h := newHouse(t)
	b := h.prove(address)
	var links []string
	for range 2 {
		b.get("/situation")
		b.press("resend-confirmation")
		links = append(links, linksOf(t, h.mail(address))[0])
	}
	if links[0] == links[1] {
		t.Fatal("one mail, want two")
	}
	b.get(links[1])
	b.submit(actionForm(t, b.page, "/confirm"))
	again := h.prove(address)
	for range 2 {
		again.get(links[0])
		again.submit(actionForm(t, again.page, "/confirm"), "email", address)
		again.at("/confirm", http.StatusGone)
	}
	if !strings.Contains(again.page.text(), "confirmed already") {
		t.Errorf("the page does not say what happened: %s", again.page.text())
	}
}

func TestTheOtherAddressIsMailedBlindly(t *testing.T) {
	const asked, other = "firstname_lastname@organization.com", "firstname.lastname@organization.com"
	h := newHouse(t)
	b := h.prove(asked)
	if b.page.contains(other) {
		t.Error("the other address is shown")
	}
	b.press("mail-other-address")
	b.at("/situation", http.StatusOK)
	if b.page.contains(other) {
		t.Error("the other address is shown")
	}
	mails := h.mails(other)
	if len(mails) != 1 || strings.Contains(mails[0].Text, asked) || strings.Contains(mails[0].Text, "/l/") {
		t.Errorf("mails to the other address: %+v", mails)
	}
	b.get("/situation")
	b.press("try-another-address", "email", other)
	b.at("/check-email", http.StatusOK)
	b.fill("code", codeOf(t, h.mail(other)))
	b.at("/situation", http.StatusOK)
	if !b.page.has("situation", "ready") {
		t.Errorf("found %v, want ready", b.page.hooks["situation"])
	}
	if says := "Your account is under " + other + ", not under " + asked; !strings.Contains(b.page.text(), says) {
		t.Errorf("the page does not say %q", says)
	}
	if h.prove(other).page.contains(asked) {
		t.Error("another browser reads which address was tried here")
	}
	// Both addresses are proven in this browser: it may turn back to the first.
	b.submit(actionForm(t, b.page, "/situation/address"), "address", asked)
	b.at("/situation", http.StatusOK)
	if !b.page.has("situation", "different-email") {
		t.Errorf("found %v, want different-email", b.page.hooks["situation"])
	}
}

func TestTryingAnotherAddressThatIsNone(t *testing.T) {
	h := newHouse(t)
	b := h.prove("nobody@example.com")
	b.press("try-another-address", "email", "broken")
	b.at("/", http.StatusUnprocessableEntity)
	if got := b.form("email").fields.Get("email"); got != "broken" {
		t.Errorf("the field holds %q, want what was typed", got)
	}
}

func TestHandOff(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerZ@example.com")
	reference := b.page.hooks["reference"][0]
	b.get("/support")
	b.at("/support", http.StatusOK)
	b.fill("message", " ")
	b.at("/support", http.StatusUnprocessableEntity)
	b.fill("message", strings.Repeat("long ", 1000))
	b.at("/support", http.StatusUnprocessableEntity)
	if got := b.form("message").fields.Get("message"); !strings.Contains(got, "long long") {
		t.Errorf("the field holds %.20q, want what was typed", got)
	}
	form := b.form("message")
	b.submit(form, "message", "I bought this for our team.")
	b.at("/support", http.StatusOK)
	if !b.page.has("reference", reference) && !b.page.contains(reference) {
		t.Error("the reference is not shown")
	}
	b.submit(form, "message", "I pressed it twice.")
	b.at("/support", http.StatusOK)
	if n := len(h.mails("support@example.com")); n != 1 {
		t.Errorf("%d tickets, want one", n)
	}
	if strings.Contains(h.mail("support@example.com").Text, "gitlabZ") {
		t.Error("the ticket names the other address")
	}
}

func TestAnActionThatIsNotOfferedIsRefused(t *testing.T) {
	h := newHouse(t)
	b := h.prove("disabled@example.com")
	values := actionForm(t, b.page, "/end").fields
	for _, path := range []string{"/situation/sign-in", "/situation/sign-in-link", "/situation/confirmation"} {
		for _, id := range []string{"1008", "1001", ""} { // their own, another's, none
			values.Set("account", id)
			b.post(path, values)
			b.at(path, http.StatusConflict)
		}
	}
	if n := len(h.mails("disabled@example.com")); n != 1 {
		t.Errorf("%d mails, want the proof's alone", n)
	}
}

func TestAFailingPortalGivesAnHonestPage(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerX@example.com")
	situation := b.page
	h.portal.SetFault(func(*http.Request) demo.Fault { return demo.Fault{Status: 500} })
	b.press("sign-in")
	b.at("/situation/sign-in", http.StatusServiceUnavailable)
	b.get("/situation")
	b.at("/situation", http.StatusOK)
	if len(b.page.hooks["situation"]) != 0 || !b.page.has("action", "hand-off") {
		t.Errorf("found %v and offered %v, want nothing found and a hand-off", b.page.hooks["situation"], b.page.hooks["action"])
	}
	h.portal.SetFault(nil)
	b.page = situation
	b.press("sign-in")
	h.inPortal(b, "customerX@example.com")
}

// The page of what failed has the same button, though nothing can be looked up for it (R5); pressed once the portal
// is back, it does what it would have done.
func TestAFailingPortalLeavesTheButton(t *testing.T) {
	for action, address := range map[string]string{
		"sign-in": "customerX@example.com", "email-sign-in-link": "customerY@example.com", "resend-confirmation": "unconfirmed@example.com",
	} {
		t.Run(action, func(t *testing.T) {
			h := newHouse(t)
			b := h.prove(address)
			before := len(h.mails(address))
			h.portal.SetFault(func(*http.Request) demo.Fault { return demo.Fault{Status: 503} })
			for range 2 {
				b.press(action)
				if b.page.status != http.StatusServiceUnavailable || !b.page.has("action", "hand-off") {
					t.Fatalf("the portal is away: %d with %v, want 503 and support as well", b.page.status, b.page.hooks["action"])
				}
			}
			h.portal.SetFault(nil)
			b.press(action)
			if action == "sign-in" {
				h.inPortal(b, address)
				return
			}
			b.at("/situation", http.StatusOK)
			if n := len(h.mails(address)) - before; n != 1 {
				t.Errorf("%d mails for it, want one", n)
			}
		})
	}
}

// Where the account of the identity cannot be looked up for the page of what failed, which shows the other account,
// the button that was pressed stands there all the same (R5).
func TestTheButtonOfAnAccountThatIsNotShownStays(t *testing.T) {
	const linked = "1013" // elsewhere@example.com's
	h := newHouse(t)
	b := h.prove("identity-linked-elsewhere@example.com")
	ofLinked := func() bool {
		return slices.ContainsFunc(b.page.forms, func(f form) bool {
			return f.hooks["action"] == "email-sign-in-link" && f.fields.Get("account") == linked
		})
	}
	h.portal.SetFault(func(r *http.Request) demo.Fault {
		if r.URL.Query().Has("identity_email") || r.URL.Query().Has("identity_subject") {
			return demo.Fault{Status: 503}
		}
		return demo.Fault{}
	})
	b.press("email-sign-in-link", "account", linked)
	b.at("/situation/sign-in-link", http.StatusServiceUnavailable)
	if !ofLinked() || !b.page.has("action", "sign-in") {
		t.Errorf("offered are %v, want the button that failed, and those of the account that is shown", b.page.hooks["action"])
	}
	b.get("/situation")
	if ofLinked() {
		t.Error("the button stays on a page that nothing has failed on")
	}
	h.portal.SetFault(nil)
	b.press("email-sign-in-link", "account", linked)
	b.at("/situation", http.StatusOK)
	h.mail("elsewhere@example.com")
}

// An account that is shown has its buttons, so the one that failed does not stand there twice.
func TestTheButtonOfAnAccountThatIsShownStandsOnce(t *testing.T) {
	h := newHouse(t)
	b := h.prove("identity-linked-elsewhere@example.com")
	h.portal.SetFault(func(r *http.Request) demo.Fault {
		if r.Method == http.MethodPost || r.URL.Query().Has("identity_email") {
			return demo.Fault{Status: 503}
		}
		return demo.Fault{}
	})
	b.press("sign-in")
	b.at("/situation/sign-in", http.StatusServiceUnavailable)
	n := 0
	for _, f := range b.page.forms {
		if f.hooks["action"] == "sign-in" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the button stands there %d times, want once", n)
	}
}

// What the portal denied is not offered again because the portal went away afterwards.
func TestWhatWasDeniedIsNoButton(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerX@example.com")
	var looked atomic.Int64
	h.portal.SetFault(func(r *http.Request) demo.Fault {
		if r.URL.Query().Has("email") && looked.Add(1) > 1 {
			return demo.Fault{Status: 503}
		}
		return demo.Fault{}
	})
	b.submit(actionForm(t, b.page, "/situation/sign-in"), "account", "999")
	b.at("/situation/sign-in", http.StatusConflict)
	if b.page.has("action", "sign-in") || !b.page.has("action", "hand-off") {
		t.Errorf("offered are %v, want the way to support alone", b.page.hooks["action"])
	}
}

func TestAFailingPortalBurnsNoLink(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerY@example.com")
	b.press("email-sign-in-link")
	b.get(linksOf(t, h.mail("customerY@example.com"))[0])
	for _, fault := range []demo.Fault{{Status: 502}, {Reset: true}, {Status: 200, Body: "<html>"}} {
		h.portal.SetFault(func(*http.Request) demo.Fault { return fault })
		b.submit(actionForm(t, b.page, "/sign-in"))
		b.at("/sign-in", http.StatusServiceUnavailable)
	}
	h.portal.SetFault(nil)
	b.submit(actionForm(t, b.page, "/sign-in"))
	h.inPortal(b, "customerY@example.com")
}

// The same button pressed while the first press is being worked on: the second is told so, nothing is
// asked of the portal for it, and its page has the button still.
func TestAButtonPressedTwiceAtOnce(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerY@example.com")
	b.press("email-sign-in-link")
	b.get(linksOf(t, h.mail("customerY@example.com"))[0])
	asked, answer := make(chan struct{}), make(chan struct{})
	h.portal.SetFault(func(r *http.Request) demo.Fault {
		if r.Method == http.MethodPost {
			close(asked)
			<-answer
		}
		return demo.Fault{}
	})
	first, done := b.tab(), make(chan struct{})
	first.page = b.page
	go func() {
		defer close(done)
		first.submit(actionForm(t, first.page, "/sign-in"))
	}()
	<-asked
	b.submit(actionForm(t, b.page, "/sign-in"))
	b.at("/sign-in", http.StatusConflict)
	actionForm(t, b.page, "/sign-in")
	close(answer)
	<-done
	h.inPortal(first, "customerY@example.com")
	if n := h.portal.Calls()["sign-in-links"]; n != 1 {
		t.Errorf("%d sign-in links asked for, want one", n)
	}
}

func TestAHangingPortalBurnsNoLink(t *testing.T) {
	h := newHouse(t)
	h.patience = time.Second
	h.restart()
	b := h.prove("customerY@example.com")
	b.press("email-sign-in-link")
	b.get(linksOf(t, h.mail("customerY@example.com"))[0])
	h.portal.SetFault(func(*http.Request) demo.Fault { return demo.Fault{Hang: true} })
	b.submit(actionForm(t, b.page, "/sign-in"))
	b.at("/sign-in", http.StatusServiceUnavailable)
	h.portal.SetFault(nil)
	b.submit(actionForm(t, b.page, "/sign-in"))
	h.inPortal(b, "customerY@example.com")
}
