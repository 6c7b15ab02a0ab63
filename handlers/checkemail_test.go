package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
)

// suggested is the address in the page's "did you mean", and its form; "" where there is none.
func (b *browser) suggested() (string, form) {
	for _, f := range b.page.forms {
		if f.action == "/" && strings.Contains(b.page.body, `name="email" value="`+f.fields.Get("email")+`"`) &&
			strings.Contains(b.page.body, "Did you mean <strong>"+f.fields.Get("email")) {
			return f.fields.Get("email"), f
		}
	}
	return "", form{}
}

func TestAMistypedDomainIsPointedOutAndStopsNobody(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@gmial.com")
	got, use := b.suggested()
	if got != "nobody@gmail.com" {
		t.Fatalf("suggested %q, want nobody@gmail.com", got)
	}
	if len(h.mails("nobody@gmial.com")) != 1 || len(h.mails("nobody@gmail.com")) != 0 {
		t.Error("the mail did not go to the address that was typed, and to it alone")
	}
	reference := b.page.hooks["reference"][0]
	b.submit(use)
	b.at("/check-email", http.StatusOK)
	if again, _ := b.suggested(); again != "" || !b.page.contains("<strong>nobody@gmail.com</strong>") {
		t.Errorf("after the button the page suggests %q, or is not of the other address", again)
	}
	if b.page.hooks["reference"][0] != reference || len(h.mails("nobody@gmail.com")) != 1 {
		t.Error("another case, or no mail to the address that was suggested")
	}
}

func TestTheStartPageSuggestsToo(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/")
	if got, _ := b.suggested(); got != "" {
		t.Errorf("an empty start page suggests %q", got)
	}
	b.fill("email", "nobody@gmailcom")
	b.at("/", http.StatusUnprocessableEntity)
	if got, _ := b.suggested(); got != "nobody@gmail.com" {
		t.Errorf("beside the error: %q, want nobody@gmail.com", got)
	}
	b = h.browser()
	b.get("/?" + url.Values{"email": {"nobody@outlok.com"}}.Encode())
	b.at("/", http.StatusOK)
	got, use := b.suggested()
	if got != "nobody@outlook.com" {
		t.Fatalf("prefilled: %q, want nobody@outlook.com", got)
	}
	b.submit(use)
	b.at("/check-email", http.StatusOK)
}

// What is right, is well known itself, or looks like nothing known is left alone, account or none.
func TestNoSuggestionWhereNothingIsMistyped(t *testing.T) {
	h := newHouse(t)
	for _, address := range []string{"nobody@example.com", "healthy@example.com", "ann@ymail.com", "ann@gmail.com", "ann@company.co"} {
		b := h.browser()
		b.start(address)
		if got, _ := b.suggested(); got != "" {
			t.Errorf("%s: suggests %q", address, got)
		}
	}
}

// A domain in letters that mail servers don't have is shown in both forms: the one that mail goes by comes first, and
// the other, which may look like somebody else's, stands beside it.
func TestADomainIsShownAsItWasTyped(t *testing.T) {
	h := newHouse(t)
	for typed, want := range map[string]string{
		"hanna@müller.example":        "Mail servers write <strong>müller.example</strong> as <strong>xn--mller-kva.example</strong>.",
		"hanna@MÜLLER.example":        "Mail servers write <strong>müller.example</strong> as <strong>xn--mller-kva.example</strong>.",
		"hanna@xn--mller-kva.example": "Mail servers write <strong>müller.example</strong> as <strong>xn--mller-kva.example</strong>.",
		"zoe@xn--pple-43d.example":    "Mail servers write <strong>аpple.example</strong> as <strong>xn--pple-43d.example</strong>.", // a Cyrillic а
		"hanna@mueller.example":       "",
	} {
		b := h.browser()
		b.start(typed)
		b.at("/check-email", http.StatusOK)
		if shown := strings.Contains(b.page.body, "Mail servers write"); shown != (want != "") || !b.page.contains(want) {
			t.Errorf("%s: no %q, or one too many", typed, want)
		}
		if want != "" && !strings.Contains(b.page.body, "<strong>"+typed[:strings.Index(typed, "@")]+"@xn--") {
			t.Errorf("%s: the address that mail goes to is not shown", typed)
		}
	}
}

// A mail that waits keeps the next one waiting; one that failed does not.
func TestAFailedMailFreesTheResendAtOnce(t *testing.T) {
	h := newHouse(t)
	resends := func(b *browser) (n int) {
		for _, f := range b.page.forms {
			if f.action == "/check-email/resend" {
				n++
			}
		}
		return n
	}
	b := h.browser()
	b.start(demo.BouncedAddress)
	if !b.page.has("delivery", "queued") || resends(b) != 0 {
		t.Fatalf("while the mail waits: state %v, %d buttons to send it again", b.page.hooks["delivery"], resends(b))
	}
	h.mails("") // the outbox runs
	b.get("/check-email")
	if !b.page.has("delivery", "failed") || resends(b) == 0 {
		t.Errorf("after it failed: state %v, %d buttons to send it again", b.page.hooks["delivery"], resends(b))
	}
	if b.get("/check-email/state"); b.page.status != http.StatusOK || !b.page.has("delivery", "failed") || resends(b) == 0 {
		t.Errorf("the fragment: status %d, state %v, %d buttons", b.page.status, b.page.hooks["delivery"], resends(b))
	}
}

// Who left the page that waits finds back to it while its code works, and not to that of a case which support's
// link is about to leave behind.
func TestTheStartPageLeadsBackToTheCode(t *testing.T) {
	h := newHouse(t)
	const back = `<a href="/check-email">Go back to entering the code for <strong>`
	b := h.browser()
	leads := func(what, address string) {
		t.Helper()
		b.get("/")
		if got, want := b.page.contains(back), address != ""; got != want || want && !b.page.contains(back+address+"<") {
			t.Errorf("%s: leads back to a code: %t, want that of %q", what, got, address)
		}
	}
	leads("at first", "")
	b.start("nobody@example.com")
	leads("asked", "nobody@example.com")
	b.fill("email", "not an address")
	if b.at("/", http.StatusUnprocessableEntity); !b.page.contains(back) {
		t.Error("a mistyped address takes the way back away")
	}
	b.start("healthy@example.com")
	leads("asked for another", "healthy@example.com")
	b.get("/check-email")
	b.fill("code", codeOf(t, h.mail("healthy@example.com")))
	leads("proven", "")
	b.start("customerX@example.com")
	if leads("a second address", "customerX@example.com"); !b.page.contains(`<a href="/situation">`) {
		t.Error("no way back to what was found")
	}
	h.clock.Pass(15*time.Minute - time.Second)
	leads("a second before it expires", "customerX@example.com")
	h.clock.Pass(time.Second)
	leads("expired", "")
}

// A mail that does not get out is not said to be on its way, however often it is asked for.
func TestAMailThatWaitsTooLongIsSaidToBeLate(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	says := func(what string, late bool) {
		t.Helper()
		if !b.page.has("delivery", "queued") {
			t.Errorf("%s: delivery is %v, want queued", what, b.page.hooks["delivery"])
		}
		sorry, soon := strings.Contains(b.page.body, "send our mail at the moment"), strings.Contains(b.page.body, "This takes a few seconds")
		if sorry != late || soon == late {
			t.Errorf("%s: says that we cannot send %v, and that it takes seconds %v", what, sorry, soon)
		}
	}
	says("at first", false)
	h.clock.Pass(59 * time.Second)
	b.get("/check-email")
	says("for less than a minute", false)
	h.clock.Pass(time.Second)
	b.get("/check-email")
	says("for a minute", true)
	for _, f := range b.page.forms {
		if f.action == "/check-email/resend" {
			b.submit(f)
			break
		}
	}
	says("asked for again", true)
	b.get("/check-email/state")
	says("the fragment", true)
	h.mails("") // the outbox runs
	b.get("/check-email")
	if !b.page.has("delivery", "accepted") && !b.page.has("delivery", "delivered") {
		t.Errorf("once it went out, delivery is %v", b.page.hooks["delivery"])
	}
}
