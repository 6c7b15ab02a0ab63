package handlers_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/handlers"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

func TestHelpFindsThePageByTheMessage(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct{ name, pasted, leads string }{
		{"as it stands", "Email has already been taken", "different-email"},
		{"within a sentence", "It says: “Email has ALREADY been taken.” What now?", "unlinked-legacy"},
		{"an error of the purchase", "An error occurred with your purchase. We detected a Customers Portal account that matches your email address, but it has not been linked", "unlinked-sales"},
		{"linked elsewhere", "This GitLab.com account has already been linked to another Customers Portal account", "linked-email-mismatch"},
		{"not confirmed", "has not been confirmed", "unconfirmed"},
		{"password", "Invalid username or password", "reset-on-wrong-site"},
		{"two billing accounts", "Your account is already linked to another billing account", "two-billing-accounts"},
		{"an old link", "This link was already used or has expired", "ready"},
	} {
		b := h.browser()
		p := b.get("/help?" + url.Values{"q": {tt.pasted}}.Encode())
		results, _, _ := strings.Cut(p.body, `id="search"`)
		if p.status != http.StatusOK || !strings.Contains(results, `href="/help/`+tt.leads+`"`) {
			t.Errorf("%s: %d, and %s is not among what is found", tt.name, p.status, tt.leads)
		}
		if len(p.header.Values("Set-Cookie")) > 0 || p.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: cookies %q, Cache-Control %q", tt.name, p.header.Values("Set-Cookie"), p.header.Get("Cache-Control"))
		}
	}
}

// Who types a word or two finds the pages that speak of it; a message that is known comes before them.
func TestHelpFindsThePagesByWords(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct{ typed, leads, says string }{
		{"password", "password-disabled", "What this may be about"},
		{"Password", "reset-on-wrong-site", "What this may be about"},
		{"code never arrives", "mail-suppressed", "What this may be about"},
		{"invoice", "no-billing-access", "What this may be about"},
		{"2fa", "identity-locked", "What this message usually means"},
		{"has not been confirmed", "unconfirmed", "What this message usually means"},
	} {
		p := h.browser().get("/help?" + url.Values{"q": {tt.typed}}.Encode())
		results, _, _ := strings.Cut(p.body, `id="search"`)
		if p.status != http.StatusOK || !strings.Contains(results, `href="/help/`+tt.leads+`"`) {
			t.Errorf("%s: %d, and %s is not among what is found", tt.typed, p.status, tt.leads)
		}
		if !p.contains("<h1>" + tt.says + "</h1>") {
			t.Errorf("%s: the page is not headed %q", tt.typed, tt.says)
		}
	}
}

// Every message of every situation can be picked and leads to it, also one that an issue adds later.
func TestEveryKnownMessageLeadsToItsSituations(t *testing.T) {
	h := newHouse(t)
	all := handlers.Messages(h.config.Renderer, "en")
	if len(all) < 10 {
		t.Fatalf("%d messages", len(all))
	}
	picks := map[string]string{}
	for _, found := range regexp.MustCompile(`href="(/help\?q=[^"]*)"`).FindAllStringSubmatch(h.browser().get("/help").body, -1) {
		link, err := url.Parse(html.UnescapeString(found[1]))
		must(t, err)
		picks[link.Query().Get("q")] = link.String()
	}
	for _, m := range all {
		if picks[m.Text] == "" {
			t.Errorf("%q cannot be picked", m.Text)
			continue
		}
		found, _, _ := strings.Cut(h.browser().get(picks[m.Text]).body, `id="search"`)
		for _, id := range m.Signs {
			if !strings.Contains(found, `href="/help/`+string(id)+`"`) {
				t.Errorf("%q does not lead to %s", m.Text, id)
			}
		}
	}
}

func TestAnUnknownMessageIsSaidToBeUnknown(t *testing.T) {
	b := newHouse(t).browser()
	p := b.get("/help?" + url.Values{"q": {"Guru Meditation <b>0x1</b> for zoe@example.com mailto:zoe@example.com"}}.Encode())
	if !p.contains("We don’t know this message") {
		t.Error("it is not said that the message is unknown")
	}
	for _, want := range []string{`href="/help/unconfirmed"`, `href="/"`, "Guru Meditation &lt;b&gt;0x1&lt;/b&gt;"} {
		if !p.contains(want) {
			t.Errorf("no %s", want)
		}
	}
	if p.contains("zoe@") || p.contains("<b>0x1") {
		t.Error("an address, or markup, is shown again")
	}
	if p := b.get("/help?q=" + strings.Repeat("%F0%9F%94%91", 3000)); p.status != http.StatusOK || strings.Count(p.body, "🔑") > 2*200 {
		t.Errorf("a long paste: %d with %d of its characters", p.status, strings.Count(p.body, "🔑"))
	}
	if p := b.get("/help?q=%ff%fe"); p.status != http.StatusOK {
		t.Errorf("broken UTF-8: %d", p.status)
	}
	if p := b.get("/help?q=a%00b%e2%80%aec"); !p.contains("a bc") {
		t.Errorf("a message with a NUL and a turn of direction: %s", p.body)
	}
	if p := b.get("/help?q=+"); p.contains("know this message") {
		t.Error("nothing typed is said to be unknown")
	}
}

// What is pasted stands in no log.
func TestAPastedMessageIsNotLogged(t *testing.T) {
	h := newHouse(t)
	h.browser().get("/help?q=Kwisatz+Haderach")
	if log := h.log.String(); strings.Contains(log, "Kwisatz") {
		t.Errorf("the log has it:\n%s", log)
	}
}

func TestOneQuestionAfterProof(t *testing.T) {
	h := newHouse(t, withMessages)
	b := h.prove("customerX@example.com")
	token := b.form("symptom").fields.Get("token")
	say := func(symptom string) page {
		b.post("/situation/symptom", url.Values{"token": {token}, "symptom": {symptom}})
		return b.page
	}
	if p := say("saw-email-has-already-been-taken"); p.status != http.StatusOK || p.url.Path != "/situation" ||
		!p.contains("You told us what you saw: <strong>“Email has already been taken”</strong>") {
		t.Errorf("answered: %d at %s, and the page does not say what was said", p.status, p.url)
	}
	if p := b.get("/support"); !p.contains("“Email has already been taken”") {
		t.Error("what goes to support does not show it")
	}
	b.get("/situation")
	if p := say("saw-made-up"); p.status != http.StatusConflict {
		t.Errorf("made up: %d", p.status)
	}
	if p := say("none"); p.contains("You told us") {
		t.Error("taken back, and still shown")
	}
	if p := say(""); p.status != http.StatusOK {
		t.Errorf("no answer: %d", p.status)
	}
	b.get("/support")
	b.fill("message", "please help")
	for _, m := range h.mails("support@example.com") {
		if strings.Contains(m.Text, "saw when they tried") {
			t.Error("the ticket has an answer that was taken back")
		}
	}
}

func TestSupportReadsWhatWasSeen(t *testing.T) {
	h := newHouse(t, withMessages)
	b := h.prove("customerX@example.com")
	b.post("/situation/symptom", url.Values{"token": {b.form("symptom").fields.Get("token")}, "symptom": {"owner-left"}})
	if !b.page.has("situation", "owner-left") {
		t.Error("the customer's word is no finding")
	}
	b.get("/support")
	b.fill("message", "please help")
	if m := h.mail("support@example.com"); !strings.Contains(m.Text, "The person who had this account has left") {
		t.Errorf("the ticket does not say it:\n%s", m.Text)
	}
}

// withMessages lets the rules know the messages, as the program does.
func withMessages(c *handlers.Config) {
	c.Service.(*recovery.Service).Messages = handlers.Messages(c.Renderer, "en")
}

// Before proof nobody is asked, and nobody can answer.
func TestNoQuestionBeforeProof(t *testing.T) {
	h := newHouse(t, withMessages)
	b := h.browser()
	for _, path := range []string{"/", "/check-email"} {
		if b.get(path); b.page.contains("symptom") {
			t.Errorf("%s asks", path)
		}
	}
	b.start("customerX@example.com")
	before := h.store.updates.Load()
	b.post("/situation/symptom", url.Values{"token": {b.form("code").fields.Get("token")}, "symptom": {"owner-left"}})
	b.at("/check-email", http.StatusOK)
	if b.page.contains("symptom") || h.store.updates.Load() > before+1 {
		t.Error("an answer before proof did something")
	}
}

func TestEverySymptomHasWords(t *testing.T) {
	h := newHouse(t)
	for _, s := range diagnosis.Symptoms() {
		if text, ok := h.config.Renderer.Text("en", "symptom."+string(s)); !ok || text == "" {
			t.Errorf("no words for %s", s)
		}
	}
	if slices.Contains(diagnosis.Symptoms(), diagnosis.SaidNothing) {
		t.Error("nothing is no symptom")
	}
}
