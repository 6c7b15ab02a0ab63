package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLinkInTheBrowserThatAsked(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	b.get(linksOf(t, h.mail("healthy@example.com"))[0])
	b.at("/prove", http.StatusOK)
	form := actionForm(t, b.page, "/prove")
	if form.fields.Has("email") {
		t.Error("the browser that asked has to type the address")
	}
	b.submit(form)
	b.at("/situation", http.StatusOK)
}

// The attacker starts, the victim uses the link elsewhere: the attacker's tab gets nothing, before and
// after.
func TestLinkInAnotherBrowserOpensNothingInTheFirst(t *testing.T) {
	h := newHouse(t)
	first, second := h.browser(), h.browser()
	first.start("healthy@example.com")
	mail := h.mail("healthy@example.com")
	before := first.get("/check-email").body
	second.get(linksOf(t, mail)[0])
	second.at("/prove", http.StatusOK)
	if second.page.contains("healthy@example.com") {
		t.Error("another browser is shown the address")
	}
	second.submit(actionForm(t, second.page, "/prove"))
	second.at("/prove", http.StatusUnprocessableEntity)
	if !second.page.contains("Enter your email address") || second.page.contains("It isn’t this one") {
		t.Error("an empty field is taken for another address")
	}
	second.fill("email", "somebody@example.com")
	second.at("/prove", http.StatusUnprocessableEntity)
	if !second.page.contains("It isn’t this one") {
		t.Error("another address is not said to be another")
	}
	second.fill("email", " Healthy@Example.com ")
	second.at("/prove", http.StatusUnprocessableEntity)
	second.fill("email", "Healthy@Example.com")
	second.at("/situation", http.StatusOK)
	if first.page.hooks["reference"][0] == second.page.hooks["reference"][0] {
		t.Error("the two browsers share a case")
	}

	if after := first.get("/check-email").body; after != before {
		t.Error("the first tab's page changed")
	}
	first.get("/situation")
	first.at("/check-email", http.StatusOK)
	first.fill("code", codeOf(t, mail))
	first.at("/check-email", http.StatusUnprocessableEntity)
}

func TestLinkOpenedByARobotChangesNothing(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	mail := h.mail("healthy@example.com")
	for _, link := range linksOf(t, mail) {
		robot := h.browser()
		robot.get(link)
		for _, f := range robot.page.forms {
			robot.submit(f)
		}
		robot.get(link)
		robot.get("/situation")
		robot.at("/", http.StatusOK)
	}
	b.get("/check-email")
	b.fill("code", codeOf(t, mail))
	b.at("/situation", http.StatusOK)
}

func TestUsedAndExpiredLinksAreDead(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	link := linksOf(t, h.mail("healthy@example.com"))[0]
	late := h.browser()
	late.get(link)
	held := actionForm(t, late.page, "/prove")

	b.get(link)
	b.submit(actionForm(t, b.page, "/prove"))
	b.at("/situation", http.StatusOK)
	// The browser that used it goes on; any other is told.
	b.get(link)
	b.at("/situation", http.StatusOK)
	late.submit(held, "email", "healthy@example.com")
	late.at("/prove", http.StatusGone)

	b = h.browser()
	b.start("nobody@example.com")
	link = linksOf(t, h.mail("nobody@example.com"))[0]
	h.clock.Pass(15 * time.Minute)
	b.get(link)
	b.at("/prove", http.StatusGone)
	tampered := link[:len(link)-2] + strings.Map(swap, link[len(link)-2:])
	b.get(tampered)
	b.at(tampered, http.StatusGone)
}

// swap turns a character into another one.
func swap(c rune) rune {
	if c == 'x' {
		return 'y'
	}
	return 'x'
}

func TestLinkTokenLeavesTheURL(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	link := linksOf(t, h.mail("healthy@example.com"))[0]
	w := h.ask(http.MethodGet, link, "")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/prove" {
		t.Errorf("answered %d to %q, want 303 to /prove", w.Code, to)
	}
}

func TestStopMailingMe(t *testing.T) {
	const address = "nobody@example.com"
	h := newHouse(t)
	first := h.browser()
	first.start(address)
	links := linksOf(t, h.mail(address))
	victim := h.browser()
	victim.get(links[1])
	victim.at("/stop", http.StatusOK)
	victim.fill("email", address)
	victim.at("/stop", http.StatusOK)
	if len(victim.page.forms) != 0 {
		t.Error("there is still a button")
	}
	second := h.browser()
	second.start(address)
	if n := len(h.mails(address)); n != 1 {
		t.Errorf("%d mails, want the first alone", n)
	}
	second.get("/check-email")
	if !second.page.has("delivery", "failed") {
		t.Errorf("delivery is %v, want failed", second.page.hooks["delivery"])
	}
}

func TestThisWasNotMe(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t)
	thief := h.prove(address)
	thief.press("sign-in")
	links := linksOf(t, h.mail(address)) // the notice
	owner := h.browser()
	owner.get(links[len(links)-1])
	owner.at("/disown", http.StatusOK)
	owner.fill("email", address)
	owner.at("/disown", http.StatusOK)
	thief.get("/situation")
	thief.at("/", http.StatusOK)
	if n := len(h.mails("support@example.com")); n != 1 {
		t.Errorf("%d tickets, want one", n)
	}
}

// Who reloads the page that says it is done, or presses twice, sends the form again. They must not take it that
// nobody was told.
func TestALinkPressedTwiceSaysThatItIsDone(t *testing.T) {
	const address, says = "customerX@example.com", "Then that has been done"
	h := newHouse(t)
	h.prove(address).press("sign-in")
	notice := linksOf(t, h.mail(address))
	h.browser().start(address)
	stop := linksOf(t, h.mail(address))[1]
	for path, link := range map[string]string{"/stop": stop, "/disown": notice[len(notice)-1]} {
		b := h.browser()
		b.get(link)
		button := actionForm(t, b.page, path)
		b.submit(button, "email", address)
		b.at(path, http.StatusOK)
		b.submit(button, "email", address)
		b.at(path, http.StatusGone)
		if !strings.Contains(b.page.text(), says) {
			t.Errorf("%s pressed twice: %s", path, b.page.text())
		}
		b.get("/prove")
		if b.at("/prove", http.StatusGone); strings.Contains(b.page.text(), says) {
			t.Errorf("another dead link says that it is done: %s", b.page.text())
		}
	}
}
