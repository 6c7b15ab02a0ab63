package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"latchkey/assets"
	"latchkey/handlers"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// moved puts another installation, with a database of its own, in front of the house, which goes on at an
// address of its own. It returns how that can be ended, and what it was told of who calls.
func (h *house) moved() (old *house, end func(), told func() []string) {
	h.t.Helper()
	before := *h
	var clients []string
	edge := h.replica(func(c *handlers.Config) { c.TrustedProxies = []string{"127.0.0.1"} })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clients = append(clients, strings.Join(r.Header.Values("X-Forwarded-For"), "|"))
		edge.ServeHTTP(w, r)
	}))
	h.t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	must(h.t, err)
	h.database = sqlstoretest.URL(h.t)
	h.openService()
	h.config.Service, h.config.Previous = h.service, to
	h.build()
	h.openOutbox()
	return &before, server.Close, func() []string { return clients }
}

// A vendor moves to another database in the middle of everything. What was begun goes on where it was begun,
// what begins now begins in the new one, and nobody notices.
func TestMovingToAnotherDatabase(t *testing.T) {
	h := newHouse(t)
	waiting, away, both := h.browser(), h.browser(), h.browser()
	proven := h.prove("customerX@example.com")
	waiting.start("healthy@example.com")
	away.start("customerZ@example.com")
	away.start("customerY@example.com")
	codeMail, linkMail, spare := h.mail("healthy@example.com"), h.mail("customerZ@example.com"), h.mail("customerY@example.com")
	old, end, told := h.moved()

	waiting.get("/check-email")
	waiting.at("/check-email", http.StatusOK)
	waiting.fill("code", codeOf(t, codeMail))
	waiting.at("/situation", http.StatusOK)
	if !waiting.page.has("situation", "ready") {
		t.Error("a code from before the move does not lead to its situation")
	}
	proven.get("/situation")
	proven.at("/situation", http.StatusOK)

	// A link, in a browser that is new to both.
	fresh := h.browser()
	fresh.get(linksOf(t, linkMail)[0])
	fresh.at("/prove", http.StatusOK)
	fresh.fill("email", "customerZ@example.com")
	fresh.at("/situation", http.StatusOK)

	// A link, in a browser that has begun anew since.
	both.start("nobody@example.com")
	if mails := h.mails("nobody@example.com"); len(mails) != 1 {
		t.Fatalf("a start after the move has %d mails", len(mails))
	}
	both.get(linksOf(t, spare)[0])
	both.fill("email", "customerY@example.com")
	both.at("/situation", http.StatusOK)
	// And it begins once more, which is here again.
	both.start("disabled@example.com")
	both.fill("code", codeOf(t, h.mail("disabled@example.com")))
	both.at("/situation", http.StatusOK)

	// A support link begins here as well, also in a browser that the old one knows.
	waiting.get(h.reply("healthy@example.com", ""))
	waiting.fill("email", "healthy@example.com")
	waiting.fill("code", codeOf(t, h.mail("healthy@example.com")))
	waiting.at("/situation", http.StatusOK)
	if h.storedCase(waiting).Address == "" { // storedCase looks into the new database
		t.Error("what a support link began is not here")
	}

	if deliveries := len(old.mails("nobody@example.com")) + len(old.mails("disabled@example.com")); deliveries != 2 { // of the shared inbox
		t.Errorf("%d mails for what began after the move, want 2", deliveries)
	}
	for _, client := range told() {
		if client != "127.0.0.1" {
			t.Fatalf("the old one is told that %q calls", client)
		}
	}

	end()
	proven.get("/situation")
	proven.at("/situation", http.StatusServiceUnavailable)
	if proven.page.header.Get("Content-Security-Policy") == "" || !proven.page.contains("</html>") {
		t.Error("without the old one its browsers get no whole page")
	}
	for path, want := range map[string]int{"/help": http.StatusOK, "/none": http.StatusNotFound} { // these are everybody's
		if p := proven.get(path); p.status != want {
			t.Errorf("without the old one its browsers get %d at %s, want %d", p.status, path, want)
		}
	}
	both.get("/situation")
	both.at("/situation", http.StatusOK)
}

// What is nobody's is answered here: links that are not genuine, cookies without a row, pages for everybody.
func TestThePreviousInstallationGetsItsOwnAlone(t *testing.T) {
	h := newHouse(t)
	h.moved()
	h.config.Previous, _ = url.Parse("http://127.0.0.1:1") // nobody answers there
	h.build()
	b := h.browser()
	for path, want := range map[string]int{
		"/": http.StatusOK, "/help": http.StatusOK, "/help/ready": http.StatusOK, "/none": http.StatusNotFound,
		"/l/" + strings.Repeat("A", 64): http.StatusGone, assets.Path("portal.css"): http.StatusOK,
	} {
		if p := h.browser().get(path); p.status != want {
			t.Errorf("%s: %d, want %d", path, p.status, want)
		}
	}
	if p := h.browser().get("/situation"); p.status != http.StatusOK || p.url.Path != "/" {
		t.Errorf("a browser without a cookie is at %s with %d", p.url, p.status)
	}
	b.start("healthy@example.com")
	b.fill("code", codeOf(t, h.mail("healthy@example.com")))
	b.at("/situation", http.StatusOK)
	if p := h.browser().get("/assets/portal.000000000000.css"); p.status != http.StatusServiceUnavailable {
		t.Errorf("a file of the old version: %d, want that it is asked for there", p.status)
	}
}
