package handlers_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
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
		{"linked elsewhere, from memory", "already linked to another account", "identity-linked-elsewhere"},
		{"not confirmed", "has not been confirmed", "unconfirmed"},
		{"an old confirmation", "Confirmation token is invalid", "unconfirmed"},
		{"an invitation, as its sender sees it", "Awaiting user registration", "invitation-pending"},
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

// counting counts how often it is asked for a language: what a browser sends may be long to read.
type counting struct {
	handlers.Renderer
	asked *atomic.Int64
}

func (r counting) Match(accept string) string {
	r.asked.Add(1)
	return r.Renderer.Match(accept)
}

// A search reads every page of the help, and the language of who searches once for all of them.
func TestASearchReadsTheLanguageOnce(t *testing.T) {
	var asked atomic.Int64
	h := newHouse(t, func(c *handlers.Config) { c.Renderer = counting{c.Renderer, &asked} })
	h.browser().get("/help?" + url.Values{"q": {"invoice"}}.Encode())
	if got, most := asked.Load(), int64(len(diagnosis.All())); got == 0 || got > most {
		t.Errorf("a search asks for its language %d times, want %d at most", got, most)
	}
}

// Every message of every situation can be picked and leads to it, also one that is added later.
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
		if shown := m.Text != ""; shown != (picks[m.Text] != "") {
			t.Errorf("%q can be picked: %t", m.Text, !shown)
		}
		for _, wording := range append(slices.Clone(m.Also), m.Text) {
			if wording == "" {
				continue
			}
			if wording != m.Text && picks[wording] != "" {
				t.Errorf("%q can be picked beside %q", wording, m.Text)
			}
			found, _, _ := strings.Cut(h.browser().get("/help?"+url.Values{"q": {wording}}.Encode()).body, `id="search"`)
			for _, id := range m.Signs {
				if !strings.Contains(found, `href="/help/`+string(id)+`"`) {
					t.Errorf("%q does not lead to %s", wording, id)
				}
			}
		}
	}
}

// People who quote no message describe what happens to them. Each way of saying it leads to what it may be.
func TestHelpKnowsTheCommonestPhrases(t *testing.T) {
	h := newHouse(t)
	mail := []string{"unconfirmed", "mail-suppressed", "different-email"}
	password := []string{"reset-on-wrong-site", "password-disabled"}
	login := []string{"unconfirmed", "different-email", "unlinked-legacy", "unlinked-sales", "identity-locked", "reset-on-wrong-site"}
	for typed, leads := range map[string][]string{
		"not receiving email":                    mail,
		"I'm not receiving emails":               mail,
		"not getting emails":                     mail,
		"never got the email":                    mail,
		"I never got the mail":                   mail,
		"didn’t receive the confirmation email":  mail,
		"no email received":                      mail,
		"I forgot my password":                   password,
		"Forgot password?":                       password,
		"forgotten password":                     password,
		"can't log in":                           login,
		"I can’t log in to the Customers Portal": login,
		"cannot login":                           login,
		"unable to sign in":                      login,
		"I lost my phone":                        {"identity-locked"},
		"I have two accounts":                    {"several-accounts"},
		"merge accounts":                         {"several-accounts"},
		"duplicate account":                      {"several-accounts"},
	} {
		p := h.browser().get("/help?" + url.Values{"q": {typed}}.Encode())
		found, _, _ := strings.Cut(p.body, `id="search"`)
		if !p.contains("<h1>What this may be about</h1>") {
			t.Errorf("%q is taken for a message, or not known", typed)
		}
		for _, id := range leads {
			if !strings.Contains(found, `href="/help/`+id+`"`) {
				t.Errorf("%q does not lead to %s", typed, id)
			}
		}
	}
}

// A message that is known leads to what it means, and not to what others that are worded alike mean.
func TestMessagesThatAreWordedAlike(t *testing.T) {
	h := newHouse(t)
	for pasted, want := range map[string][]string{
		"Your account is already linked to another billing account, and cannot be associated with two billing accounts at the same time": {"two-billing-accounts"},
		"Your account is already linked to another billing account":                                                                      {"two-billing-accounts"},
		"Confirmation token is invalid":   {"unconfirmed", "ready"}, // any old link
		"Reset password token is invalid": {"reset-on-wrong-site"},
		"Invitation token is invalid":     {"invitation-pending"},
		"Two-factor token is invalid":     {"identity-locked"},
		"Unlock token is invalid":         {"identity-locked"},
	} {
		p := h.browser().get("/help?" + url.Values{"q": {pasted}}.Encode())
		found, _, _ := strings.Cut(p.body, `id="search"`)
		var leads []string
		for _, link := range regexp.MustCompile(`href="/help/([^"]+)"`).FindAllStringSubmatch(found, -1) {
			leads = append(leads, link[1])
		}
		if !slices.Equal(leads, want) {
			t.Errorf("%s leads to %v, want %v", pasted, leads, want)
		}
	}
}

func TestAnUnknownMessageIsSaidToBeUnknown(t *testing.T) {
	b := newHouse(t).browser()
	p := b.get("/help?" + url.Values{"q": {"Guru Meditation <b>0x1</b> for zoe@example.com mailto:zoe@example.com"}}.Encode())
	if !p.contains("<h1>We found nothing for this</h1>") || p.contains("You saw:") || p.contains("this message") {
		t.Error("it is not said that nothing was found, or said to be a message")
	}
	for _, want := range []string{
		"You looked for: <strong>Guru", `<a href="#saw">Look for a few words`, `id="saw"`, `<a href="#reasons">Read through`, `id="reasons"`,
		"Let us look at your account.", `href="/help?q=`, `href="/help/unconfirmed"`, `href="/"`, "Guru Meditation &lt;b&gt;0x1&lt;/b&gt;",
	} {
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
	if p := b.get("/help?q=+"); p.contains("found nothing") {
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

// The question offers each message once, and none beside one that says the same.
func TestTheQuestionIsShort(t *testing.T) {
	h := newHouse(t, withMessages)
	p := h.prove("customerX@example.com").page
	texts := regexp.MustCompile(`name="symptom"[^>]*><span>([^<]*)</span>`).FindAllStringSubmatch(p.body, -1)
	seen := map[string]bool{}
	for _, text := range texts {
		if seen[text[1]] || text[1] == "" {
			t.Errorf("%q is offered twice, or says nothing", text[1])
		}
		seen[text[1]] = true
	}
	if len(seen) < 10 || len(seen) > 16 {
		t.Errorf("%d answers, want 16 at most, so one for several situations where they say nearly the same:\n%s",
			len(seen), strings.Join(slices.Sorted(maps.Keys(seen)), "\n"))
	}
	for _, twins := range [][]string{{"Invalid login", "Invalid username"}, {"second code", "Two-factor", "2FA"}, {"was already used", "Link expired"}} {
		n := 0
		for text := range seen {
			if slices.ContainsFunc(twins, func(twin string) bool { return strings.Contains(text, twin) }) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%v: %d answers say it, want 1", twins, n)
		}
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
	if p := say(""); p.status != http.StatusUnprocessableEntity || !p.contains(`<a href="#symptom">Choose what you saw.`) ||
		!p.contains(`<details open>`) || strings.Contains(p.body, " checked>") {
		t.Errorf("no answer: %d, and the page does not ask for one", p.status)
	}
	b.get("/support")
	b.fill("message", "please help")
	for _, m := range h.mails("support@example.com") {
		if strings.Contains(m.Text, "saw when they tried") {
			t.Error("the ticket has an answer that was taken back")
		}
	}
}

// Where the page must not say what it knows, it doesn't promise to; and once support has the case, it asks nothing.
func TestAQuestionPromisesNoAnswerThatIsNotGiven(t *testing.T) {
	h := newHouse(t, withMessages)
	const promise, reads = "We tell you what it usually means", "Our support team reads it if you ask them."
	if b := h.prove("healthy@example.com"); !b.page.contains(promise) || b.page.contains(reads) {
		t.Error("what it means is not promised where it is told")
	}
	b := h.prove("disabled@example.com")
	if b.page.contains(promise) || !b.page.contains(reads) {
		t.Error("what it means is promised where it is not told")
	}
	b.get("/support")
	b.fill("message", "please help")
	if b.get("/situation"); b.page.contains(reads) {
		t.Error("support is said to read what is said after it has the case")
	}
}

// The top of the page says what was told, what it has to do with what was found, and what to do.
func TestWhatWasSeenIsAnsweredAtTheTop(t *testing.T) {
	h := newHouse(t, withMessages)
	const (
		purchases, confirm = "saw-no-purchases-listed", "saw-you-have-to-confirm-your-email-address-before-continuing"
		password, used     = "saw-invalid-username-or-password", "saw-a-link-in-a-mail-that-was-already-used-or-has-expired"
	)
	nothing, fits, instead := "found nothing of the kind", "It goes with what we found:", "We found something else"
	another, help := `<a href="/">Try another address</a>`, `href="/help/`
	for _, tt := range []struct {
		address, saw   string
		says, saysNone []string
	}{
		{"healthy@example.com", purchases, []string{nothing, "another address of yours", another, help + "no-billing-access"}, []string{fits, instead}},
		{"healthy@example.com", confirm, []string{nothing, "Open the newest mail", help + "email-change-pending"}, []string{another}},
		{"healthy@example.com", password, []string{nothing, "you don’t need GitLab.com to get in", help + "reset-on-wrong-site"}, []string{another}},
		{"healthy@example.com", "no-second-factor", []string{nothing, "no second code. Sign in as it says below", help + "identity-locked"}, []string{another}},
		{"healthy@example.com", used, []string{"although nothing is wrong"}, []string{nothing, help, another}},
		{"no-billing-access@example.com", purchases, []string{fits, `href="#no-billing-access-a"`}, []string{nothing, help, another}},
		{"no-billing-access@example.com", password, []string{nothing, "Sign in as it says below"}, []string{fits}},
		{"unconfirmed@example.com", confirm, []string{fits, `href="#unconfirmed-a"`}, []string{nothing, help, another}},
		{"unconfirmed@example.com", "no-second-factor", []string{instead, help + "identity-locked"}, []string{nothing, "our button", "as it says below, and", another}},
		{"nobody@example.com", purchases, []string{fits, `href="#different-email-x"`}, []string{nothing, help}},
		{"disabled@example.com", purchases, nil, []string{nothing, fits, instead, help, another}},
	} {
		b := h.prove(tt.address)
		b.post("/situation/symptom", url.Values{"token": {b.form("symptom").fields.Get("token")}, "symptom": {tt.saw}})
		b.at("/situation", http.StatusOK)
		_, main, _ := strings.Cut(b.page.body, "</h1>")
		top, _, _ := strings.Cut(main, `<section class="finding"`)
		for _, want := range append(tt.says, "You told us what you saw: <strong>") {
			if !strings.Contains(top, want) {
				t.Errorf("%s, %s: the top does not say %q:\n%s", tt.address, tt.saw, want, top)
			}
		}
		for _, none := range tt.saysNone {
			if strings.Contains(top, none) {
				t.Errorf("%s, %s: the top says %q", tt.address, tt.saw, none)
			}
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
