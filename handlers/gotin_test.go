package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestDidYouGetIn(t *testing.T) {
	const address = "customerX@example.com"
	for _, tt := range []struct{ answer, says string }{
		{"yes", "You told us that you got in"},
		{"no", "You couldn’t get in yet"},
	} {
		h := newHouse(t)
		b := h.prove(address)
		if b.page.has("action", "got-in") {
			t.Error("asked before anything was tried")
		}
		b.press("email-sign-in-link")
		b.at("/situation", http.StatusOK)
		mails := len(h.mails(address))
		b.press("got-in", "got-in", tt.answer)
		b.at("/situation", http.StatusOK)
		if !b.page.contains(tt.says) || b.page.has("action", "got-in") {
			t.Errorf("%s: the page does not say it, or asks again", tt.answer)
		}
		if got := len(h.mails(address)); got != mails {
			t.Errorf("%s: %d mails more", tt.answer, got-mails)
		}
		m := h.storedCase(b).Milestones
		if m.GotIn.IsZero() != (tt.answer != "yes") || m.NotIn.IsZero() != (tt.answer != "no") {
			t.Errorf("%s: milestones %+v", tt.answer, m)
		}
		b.get("/support")
		b.at("/support", http.StatusOK)
		b.fill("message", "please help")
		b.get("/situation")
		if b.page.contains("You couldn’t get in yet") || b.page.has("action", "got-in") {
			t.Errorf("%s: after the hand-off the page still speaks of it", tt.answer)
		}
	}
}

// The mail comes first, and the question below it; it is asked at the top once the mail's link was used.
func TestDidYouGetInWaitsForTheMail(t *testing.T) {
	h := newHouse(t)
	const address = "customerX@example.com"
	b := h.prove(address)
	b.press("email-sign-in-link")
	top := func() string {
		_, main, _ := strings.Cut(b.page.body, "</h1>")
		top, _, _ := strings.Cut(main, `<section class="finding"`)
		return top
	}
	if got := top(); !strings.Contains(got, "data-mailed=") || !strings.Contains(got, address) || strings.Contains(got, `data-action="got-in"`) {
		t.Errorf("the mail does not come first, and the question later:\n%s", got)
	}
	if !b.page.has("action", "got-in") {
		t.Error("the question is not asked at all")
	}
	b.get(linksOf(t, h.mail(address))[0])
	b.submit(actionForm(t, b.page, "/sign-in"))
	h.inPortal(b, address)
	b.get(h.config.PublicURL + "/situation")
	if got := top(); strings.Contains(got, "data-mailed=") || !strings.Contains(got, `data-action="got-in"`) {
		t.Errorf("after the link was used:\n%s", got)
	}
}

// Confirming an address signs nobody in: what comes next is to sign in, and only then whether that went well.
func TestDidYouGetInWaitsForSigningIn(t *testing.T) {
	h := newHouse(t)
	const address = "unconfirmed@example.com"
	b := h.prove(address)
	b.press("resend-confirmation")
	b.get(linksOf(t, h.mail(address))[0])
	b.submit(actionForm(t, b.page, "/confirm"))
	b.get(h.config.PublicURL + "/situation")
	body := b.page.body
	if signIn, asked := strings.Index(body, `data-action="sign-in"`), strings.Index(body, `data-action="got-in"`); signIn < 0 || asked < signIn {
		t.Errorf("to sign in stands at %d, the question at %d:\n%s", signIn, asked, body)
	}
}

// An answer that nobody asked for is refused like any act that the situation does not permit.
func TestAnAnswerThatNobodyAskedFor(t *testing.T) {
	h := newHouse(t)
	b := h.prove("customerX@example.com")
	token := b.page.forms[0].fields.Get("token")
	for _, answer := range []string{"yes", "no", "", "maybe"} {
		b.post("/situation/got-in", url.Values{"token": {token}, "got-in": {answer}})
		b.at("/situation/got-in", http.StatusConflict)
	}
	if m := h.storedCase(b).Milestones; !m.GotIn.IsZero() || !m.NotIn.IsZero() {
		t.Errorf("milestones %+v", m)
	}
}
