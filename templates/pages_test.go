package templates_test

import (
	"bytes"
	neturl "net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"latchkey/templates"
)

func page(t *testing.T, r *templates.Renderer, p templates.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Page(&b, "en", p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements walks a parsed page.
func elements(t *testing.T, source string, see func(n *html.Node, attrs map[string]string)) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
		}
		see(n, attrs)
	}
}

func TestEveryPageIsSound(t *testing.T) {
	r := renderer(t)
	for _, s := range allSamples() {
		t.Run(s.name, func(t *testing.T) {
			source := page(t, r, s.page)
			checkIDs(t, source)
			checkPolicy(t, source)
			if s.name != "delivery" {
				checkDocument(t, source)
			}
			if strings.Contains(source, "<no value>") || strings.Contains(source, "ZgotmplZ") {
				t.Error("a value is missing or was refused by html/template")
			}
		})
	}
}

// checkIDs: ids are there once, and what refers to one finds it.
func checkIDs(t *testing.T, source string) {
	t.Helper()
	ids := map[string]bool{}
	var wanted []string
	elements(t, source, func(n *html.Node, a map[string]string) {
		if id, ok := a["id"]; ok {
			if ids[id] || id == "" {
				t.Errorf("id %q is empty or there twice", id)
			}
			ids[id] = true
		}
		for _, key := range []string{"for", "aria-describedby", "aria-labelledby"} {
			wanted = append(wanted, strings.Fields(a[key])...)
		}
		if fragment, ok := strings.CutPrefix(a["href"], "#"); ok {
			wanted = append(wanted, fragment)
		}
	})
	for _, id := range wanted {
		if !ids[id] {
			t.Errorf("nothing has the id %q", id)
		}
	}
}

// checkPolicy: nothing that the Content-Security-Policy would refuse, and a token in every form.
func checkPolicy(t *testing.T, source string) {
	t.Helper()
	elements(t, source, func(n *html.Node, a map[string]string) {
		if n.DataAtom == atom.Style || n.DataAtom == atom.Script && n.FirstChild != nil {
			t.Errorf("inline <%s>", n.Data)
		}
		for key, value := range a {
			if key == "style" || strings.HasPrefix(key, "on") || strings.HasPrefix(value, "javascript:") {
				t.Errorf("<%s %s=%q>", n.Data, key, value)
			}
		}
		if n.DataAtom == atom.Form {
			checkForm(t, n, a)
		}
	})
}

func checkForm(t *testing.T, form *html.Node, a map[string]string) {
	t.Helper()
	names := map[string]int{}
	for n := range form.Descendants() {
		name, value := "", ""
		for _, attr := range n.Attr {
			switch attr.Key {
			case "name":
				name = attr.Val
			case "value":
				value = attr.Val
			}
		}
		if name != "" {
			names[name]++
		}
		if name == templates.FieldToken && value != "form-token" {
			t.Errorf("token %q in the form to %s", value, a["action"])
		}
	}
	if a["method"] == "get" { // a search, which changes nothing and needs no token
		if a["action"] != "/help" || len(names) != 1 || names[templates.FieldSaw] != 1 {
			t.Errorf("a form that is sent by GET to %q with fields %v", a["action"], names)
		}
		return
	}
	if a["method"] != "post" || a["action"] == "" || names[templates.FieldToken] != 1 {
		t.Errorf("form to %q by %q with fields %v", a["action"], a["method"], names)
	}
	if names[templates.FieldEmail] > 1 {
		t.Errorf("form to %q has the email twice", a["action"])
	}
}

// checkDocument: one heading of the first rank, the ranks in order, the landmarks, the language.
func checkDocument(t *testing.T, source string) {
	t.Helper()
	counts := map[atom.Atom]int{}
	rank := 0
	elements(t, source, func(n *html.Node, a map[string]string) {
		if n.Namespace != "" {
			return // a drawing has a title of its own
		}
		counts[n.DataAtom]++
		if n.DataAtom == atom.Html && a["lang"] != "en" {
			t.Errorf("lang %q", a["lang"])
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			now := int(n.Data[1] - '0')
			if now > rank+1 && rank > 0 {
				t.Errorf("h%d follows h%d", now, rank)
			}
			rank = now
		}
	})
	for _, one := range []atom.Atom{atom.H1, atom.Main, atom.Header, atom.Footer, atom.Title} {
		if counts[one] != 1 {
			t.Errorf("%d × <%s>, want 1", counts[one], one)
		}
	}
}

func TestZeroPagesRender(t *testing.T) {
	r := renderer(t)
	for _, p := range []templates.Page{
		templates.Start{},
		templates.CheckEmail{State: "queued"},
		templates.Link{Purpose: "prove"},
		templates.LinkDead{},
		templates.Done{Purpose: "stop"},
		templates.Situation{},
		templates.Support{},
		templates.HelpIndex{},
		templates.Message{ID: templates.MessageNotFound},
	} {
		source := strings.ReplaceAll(page(t, r, p), ` href="/" data-action="try-another-address"`, "") // leads there from anywhere
		if strings.Contains(source, "data-reference") || strings.Contains(source, "data-action") && !strings.Contains(source, "incomplete") {
			t.Errorf("%T shows a reference or an action out of nothing", p)
		}
	}
}

func TestAPageThatFailsLeavesNothing(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("left over")
	err := renderer(t).Page(&b, "en", templates.Message{ID: "no-such-message"})
	if err == nil || b.Len() != 0 {
		t.Errorf("error %v, %d bytes; want an error and nothing", err, b.Len())
	}
}

func TestProblemsAreInTitleSummaryAndField(t *testing.T) {
	source := page(t, renderer(t), templates.CheckEmail{
		Base: wrong("/check-email", "code", templates.ProblemCodeWrong), State: "accepted", ChangedAt: at, CodeUntil: at,
	})
	for _, want := range []string{
		"<title>Error: Check your email", `href="#code"`, `aria-invalid="true"`, `aria-describedby="code-hint code-error"`,
		`id="code-error"`, `tabindex="-1" autofocus`, `inputmode="numeric"`, `autocomplete="one-time-code"`,
	} {
		if !strings.Contains(source, want) {
			t.Errorf("no %s", want)
		}
	}
	// What to do about it stands open.
	if !regexp.MustCompile(`<details open>\s*<summary>Problems with the code`).MatchString(source) {
		t.Error("what to do about a wrong code is folded away")
	}
	if strings.Contains(page(t, renderer(t), templates.Start{}), "Error:") {
		t.Error("an error without one")
	}
}

// An address may hold what our texts are cut at. What is said of it is the same as of any other, to its end.
func TestAnAddressWithABarCutsNothing(t *testing.T) {
	const usual, barred = "qqqq@example.com", "q|qq@example.com"
	r := renderer(t)
	for id, f := range sampleFindings {
		said := func(address string) string {
			f := f
			f.AccountAddress, f.IdentityAddress, f.Through, f.Instead = address, address, address, address
			return page(t, r, templates.Situation{
				Base: sampleBase("/situation"), Address: address,
				Accounts: []templates.AccountView{{ID: "7", Address: address, Findings: []templates.FindingView{f}}},
			})
		}
		if strings.ReplaceAll(said(barred), barred, usual) != said(usual) {
			t.Errorf("%s: %s is told otherwise than %s", id, barred, usual)
		}
	}
}

// What people type, and what other systems say, is shown and nothing more.
func TestValuesAreEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script>' **x** __y__ {{.T}}`
	r := renderer(t)
	base := templates.Base{FormToken: evil, Reference: evil, HasCase: true}
	f := sampleFindings["unconfirmed"]
	f.AccountAddress, f.IdentityAddress = evil, evil
	f.Actions = []templates.ActionView{{ID: "email-sign-in-link", AccountID: evil, Primary: true}}
	joined := f
	joined.Drawing = "joined"
	for _, p := range []templates.Page{
		templates.Start{Base: base, Email: evil, Suggestion: evil},
		templates.CheckEmail{Base: base, Address: evil, State: "failed"},
		templates.Link{Base: base, Purpose: "sign-in", Address: evil},
		templates.Link{Base: base, Purpose: "sign-in", AskAddress: true, Email: evil},
		templates.Situation{
			Base: base, Address: evil, Others: []string{evil},
			Accounts: []templates.AccountView{
				{ID: evil, Address: evil, ByIdentity: true, Findings: []templates.FindingView{f}},
				{ID: "2", Address: evil, Findings: []templates.FindingView{joined}},
			},
		},
		templates.Support{Base: base, Address: evil, Message: evil},
		templates.Support{Base: base, Address: evil, Message: evil, Filed: true, FiledAt: at},
	} {
		source := page(t, r, p)
		if strings.Contains(source, "<script>alert") || strings.Contains(source, `<b class="ui">x`) || strings.Contains(source, "<strong>y") {
			t.Errorf("%T: a value became markup", p)
		}
		if !strings.Contains(source, "&lt;script&gt;") {
			t.Errorf("%T: the value is not shown", p)
		}
	}
}

// A message in Hebrew or Arabic runs from the right wherever it is typed or read: else its full stops stand before it.
func TestAMessageRunsItsOwnWay(t *testing.T) {
	const message = "שלום, איני מצליח להיכנס."
	r, ticket, seen := renderer(t), sampleTicket, sampleCase()
	ticket.Message, seen.Evidence.Message = message, message
	for name, source := range map[string]string{
		"typed":      page(t, r, templates.Support{Base: sampleBase("/support"), Message: message}),
		"filed":      page(t, r, templates.Support{Base: sampleBase("/support"), Message: message, Filed: true, FiledAt: at}),
		"console":    page(t, r, seen),
		"ticket":     mail(t, ticket).HTML,
		"handed off": mail(t, templates.MailHandedOff{MailBase: mailBase, Message: message, DisownURL: asideURL}).HTML,
	} {
		found := 0
		elements(t, source, func(n *html.Node, attrs map[string]string) {
			if n.FirstChild != nil && n.FirstChild.Type == html.TextNode && strings.Contains(n.FirstChild.Data, message) {
				found++
				if attrs["dir"] != "auto" {
					t.Errorf("%s: <%s> runs from the left", name, n.Data)
				}
			}
		})
		if found != 1 {
			t.Errorf("%s: the message stands there %d times", name, found)
		}
	}
}

// The hooks that tests and analytics hold on to (DESIGN §6).
func TestHooks(t *testing.T) {
	r := renderer(t)
	hook := regexp.MustCompile(`data-action="([a-z-]+)"`)
	for id, f := range sampleFindings {
		source := page(t, r, templates.Situation{
			Base: sampleBase("/situation"), Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}},
		})
		if !strings.Contains(source, `data-situation="`+id+`"`) || !strings.Contains(source, `data-reference="`+reference+`"`) {
			t.Errorf("%s: no data-situation or no data-reference", id)
		}
		shown := map[string]bool{}
		for _, m := range hook.FindAllStringSubmatch(source, -1) {
			shown[m[1]] = true
		}
		for _, a := range f.Actions {
			if !shown[a.ID] {
				t.Errorf("%s: action %s is not shown", id, a.ID)
			}
			delete(shown, a.ID)
		}
		if len(shown) > 0 {
			t.Errorf("%s: actions %v were never offered", id, shown)
		}
	}
}

// One button stands out, and a page that helps nobody asks nothing.
func TestOnePrimaryButton(t *testing.T) {
	r := renderer(t)
	primary := regexp.MustCompile(`<button type="submit"(?: aria-describedby="[^"]*")?>|class="button"`)
	for _, s := range allSamples() {
		if n := len(primary.FindAllString(page(t, r, s.page), -1)); n > 1 {
			t.Errorf("%s has %d primary buttons", s.name, n)
		}
	}
}

// Which mailbox has an account must not show before proof: nothing on the page but address, reference and
// the state that the mailbox's server gave.
func TestCheckEmailTellsNothing(t *testing.T) {
	r := renderer(t)
	for _, state := range []string{"queued", "accepted", "delivered", "delayed", "failed"} {
		one := templates.CheckEmail{Base: sampleBase("/check-email"), Address: "aa@example.com", State: state, ChangedAt: at, CodeUntil: at}
		two := one
		two.Address = "bb@example.com"
		if got, want := strings.ReplaceAll(page(t, r, two), "bb@", "aa@"), page(t, r, one); got != want {
			t.Errorf("%s: the pages of two addresses differ by more than the address", state)
		}
	}
}

// Whatever becomes of a mail that did not fail, the page differs in the state's own block and nowhere else (R1).
func TestTheStateChangesItsBlockAlone(t *testing.T) {
	r := renderer(t)
	block := regexp.MustCompile(`(?s)<div class="state.*?</div>\s*</div>`)
	want := ""
	for _, state := range []string{"accepted", "delivered", "delayed"} {
		got := block.ReplaceAllString(page(t, r, templates.CheckEmail{
			Base: sampleBase("/check-email"), Address: "aa@example.com", State: state, ChangedAt: at, CodeUntil: at, CanResend: true,
		}), "")
		if want == "" {
			want = got
		}
		if got != want || strings.Contains(got, "data-delivery") {
			t.Errorf("%s: the page differs elsewhere too", state)
		}
	}
}

// Why a mail failed is not told: a mailbox that refuses and one that asked us to stop read the same. What to
// do is, with the sender to let in, another address, and the support contact with the reference.
func TestAFailedMailSaysWhatToDo(t *testing.T) {
	p := templates.CheckEmail{Base: sampleBase("/check-email"), Address: "aa@example.com", State: "failed", CanResend: true}
	source := page(t, renderer(t), p)
	block := regexp.MustCompile(`(?s)<div class="state.*</ul>`).FindString(source)
	for _, want := range []string{
		`data-delivery="failed"`, "latchkey@acme.example", reference, `href="mailto:support@acme.example?subject=`,
		"spelling", "full", "filter", "newest", "say that you couldn’t show that the mailbox is yours", `press <b class="ui">Stop these mails</b> in the last 30 days?`,
	} {
		if !strings.Contains(block, want) {
			t.Errorf("no %q in\n%s", want, block)
		}
	}
	_, main, _ := strings.Cut(source, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	for _, once := range []string{
		`<h1>Our mail didn’t get through</h1>`, `<a class="button" href="/" data-action="try-another-address"`, ` href="/"`, `action="/check-email/resend"`,
		`href="mailto:support@acme.example`, "aa@example.com", "our support", "rite to ",
	} {
		if n := strings.Count(main, once); n != 1 {
			t.Errorf("%d × %s, want 1", n, once)
		}
	}
	if !strings.Contains(source, "<title>Our mail didn’t get through · ") {
		t.Error("the title speaks of something else")
	}
}

// A mail that failed may have had one before it, whose code is still good: its field is there for who looks for
// it, and open where it was used.
func TestAFailedMailFoldsTheCodeAway(t *testing.T) {
	folded := regexp.MustCompile(`(?s)<details( open)?>\s*<summary>[^<]*earlier mail</summary>.*?name="code".*?</details>`)
	p := templates.CheckEmail{Base: sampleBase("/check-email"), Address: "aa@example.com", State: "failed", CanResend: true}
	for _, tt := range []struct {
		name        string
		change      func(*templates.CheckEmail)
		field, open bool
	}{
		{"a live code", func(*templates.CheckEmail) {}, true, false},
		{"a wrong code", func(p *templates.CheckEmail) { p.Base = wrong("/check-email", "code", templates.ProblemCodeWrong) }, true, true},
		{"an expired code", func(p *templates.CheckEmail) { p.Expired = true }, false, false},
		{"a locked code", func(p *templates.CheckEmail) { p.Locked = true }, false, false},
	} {
		changed := p
		tt.change(&changed)
		source := page(t, renderer(t), changed)
		m := folded.FindStringSubmatch(source)
		if got := strings.Contains(source, `name="code"`); got != tt.field || (m != nil) != tt.field {
			t.Errorf("%s: the field is there: %t, and folded: %t; want %t", tt.name, got, m != nil, tt.field)
		}
		if m != nil && (m[1] != "") != tt.open {
			t.Errorf("%s: it is open: %t, want %t", tt.name, m[1] != "", tt.open)
		}
	}
}

// A code that cannot be used any more is said to be so, and a new one is the thing to ask for.
func TestACodeThatIsSpentIsNotCalledGood(t *testing.T) {
	for name, change := range map[string]func(*templates.CheckEmail){
		"be used any more": func(p *templates.CheckEmail) { p.Locked = true },
		"too old now":      func(p *templates.CheckEmail) { p.Expired = true },
		"so is the link":   func(p *templates.CheckEmail) { p.Expired, p.Locked = true, true },
	} {
		p := templates.CheckEmail{
			Base: sampleBase("/check-email"), Address: "aa@example.com", State: "delivered", ChangedAt: at, CodeUntil: at, CanResend: true,
		}
		change(&p)
		source := page(t, renderer(t), p)
		for _, want := range []string{
			"<title>You need a new code · ", "<h1>You need a new code</h1>", name, `<button type="submit">Send me a new code</button>`,
		} {
			if !strings.Contains(source, want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
		newer := regexp.MustCompile(`(?s)<details>\s*<summary>I have a newer code</summary>\s*<form[^>]*action="/check-email".*?name="code".*?</details>`)
		if folded, field := newer.MatchString(source), strings.Contains(source, `name="code"`); folded == p.Expired || field == p.Expired {
			t.Errorf("%s: a field for a newer code: %t, folded %t; want %t", name, field, folded, !p.Expired)
		}
		for _, not := range []string{"It works until", "stays good", "Send it again", "enter the code"} {
			if strings.Contains(source, not) {
				t.Errorf("%s: the page says %q", name, not)
			}
		}
		if looks := strings.Contains(source, "Not in your inbox?"); looks == p.Expired {
			t.Errorf("%s: the page says to look for the mail: %t, want %t", name, looks, !p.Expired)
		}
	}
}

// How long a stop holds is configuration, and all pages that speak of it say the same.
func TestPagesSayHowLongAStopHolds(t *testing.T) {
	site := sampleSite
	site.StopFor = 36 * time.Hour
	r, err := templates.New(templates.Options{Site: site, Asset: asset})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []templates.Page{
		templates.CheckEmail{State: "failed"}, templates.Link{Purpose: "stop"}, templates.Done{Purpose: "stop"},
	} {
		if source := page(t, r, p); !strings.Contains(source, "36 hours") || strings.Contains(source, "30 days") {
			t.Errorf("%T does not say that a stop holds 36 hours", p)
		}
	}
}

// A time on a page says its zone, and has the words for the reader's own.
func TestTimesOfPagesAreForTheScript(t *testing.T) {
	r := renderer(t)
	f := sampleFindings["reset-on-wrong-site"]
	const clock = `<time datetime="2026-11-23T14:02:00Z" data-own="{clock} your time">14:02 UTC</time>`
	const moment = `<time datetime="2026-11-23T14:02:00Z" data-own="{clock} your time on {day} {month} {year}">14:02 UTC on 23 November 2026</time>`
	for want, pages := range map[string][]templates.Page{
		clock: {templates.CheckEmail{State: "delivered", ChangedAt: at}, templates.CheckEmail{State: "queued", CodeUntil: at}},
		moment: {
			templates.Support{Filed: true, FiledAt: at},
			templates.Support{Filed: true, FiledAt: at, Apart: true},
			templates.Situation{General: []templates.FindingView{f}},
		},
	} {
		for _, p := range pages {
			if source := page(t, r, p); !strings.Contains(source, want) {
				t.Errorf("%T lacks %s", p, want)
			}
		}
	}
}

// Who presses a button gets the same page from its top, where the button and the line under it may be out of
// sight: the top says what became of the mail, where it went and what to do with it.
func TestTheTopSaysWhatBecameOfTheMail(t *testing.T) {
	sent := func(state string, at time.Time) templates.ActionView {
		return templates.ActionView{ID: "email-sign-in-link", AccountID: "1", Mailed: &templates.MailedView{State: state, At: at}}
	}
	const do, again = "<p>Once you have it, open it and press the button there. Look in your spam folder too.", `<a href="/situation">See how it’s going</a>`
	older, newer := at, at.Add(time.Minute)
	for _, tt := range []struct {
		name    string
		waits   bool
		gotIn   string
		actions []templates.ActionView
		says    []string
	}{
		{"nothing asked for", true, "", nil, nil},
		{"on its way", true, "", []templates.ActionView{sent("queued", older)}, []string{"is on its way out", do, again}},
		{"sent", true, "", []templates.ActionView{sent("accepted", older)}, []string{"We sent our mail to <strong>a@example.com</strong> at ", "14:02", do, again}},
		{"delivered", true, "", []templates.ActionView{sent("delivered", older)}, []string{"a@example.com", "your mail server took it at ", "14:02", do}},
		{"delayed", true, "", []templates.ActionView{sent("delayed", older)}, []string{"isn’t there yet", do, again}},
		{"failed", true, "", []templates.ActionView{sent("failed", older)}, []string{"didn’t get through", `<a href="/support">ask support to help</a>`}},
		{"failed, then sent", true, "", []templates.ActionView{sent("failed", older), sent("accepted", newer)}, []string{"We sent our mail", do, again}},
		{"sent, then failed", true, "", []templates.ActionView{sent("failed", newer), sent("accepted", older)}, []string{"didn’t get through"}},
		{"not in yet", true, "no", []templates.ActionView{sent("accepted", older)}, []string{"We sent our mail", do, again}},
		{"used", false, "", []templates.ActionView{sent("delivered", older)}, nil},
		{"in", true, "yes", []templates.ActionView{sent("delivered", older)}, nil},
	} {
		f := templates.FindingView{Situation: "unlinked-legacy", Drawing: "missing", AccountAddress: "a@example.com", Actions: tt.actions}
		p := templates.Situation{
			Base: sampleBase("/situation"), Address: "z@example.com", MailWaits: tt.waits, GotIn: tt.gotIn,
			Accounts: []templates.AccountView{{ID: "1", Address: "a@example.com", Findings: []templates.FindingView{f}}},
		}
		top, below, _ := strings.Cut(page(t, renderer(t), p), `<section class="finding"`)
		if n, want := strings.Count(below, `<p class="mailed `), len(tt.actions)-min(len(tt.says), 1); n != want {
			t.Errorf("%s: %d mails are told of below, want %d", tt.name, n, want)
		}
		for _, want := range tt.says {
			if !strings.Contains(top, want) {
				t.Errorf("%s: the top does not say %q", tt.name, want)
			}
		}
		for _, other := range []string{do, again, "get through"} {
			if !slices.ContainsFunc(tt.says, func(s string) bool { return strings.Contains(s, other) }) && strings.Contains(top, other) {
				t.Errorf("%s: the top says %q", tt.name, other)
			}
		}
	}
}

// Once the mail is sent, opening it is the one thing to do: the button to send it again stands back, the words no
// longer say to send it, and whether it helped is asked below. A mail that failed leaves all of that as it was.
func TestAMailThatWaitsIsTheOneThingToDo(t *testing.T) {
	for _, tt := range []struct {
		state string
		waits bool
	}{{"", false}, {"queued", true}, {"delivered", true}, {"failed", false}} {
		f := sampleFindings["unconfirmed"]
		f.Actions = []templates.ActionView{{ID: "resend-confirmation", AccountID: "7", Primary: true}, action("hand-off")}
		p := templates.Situation{Base: sampleBase("/situation"), MailWaits: tt.state != "", AsksGotIn: tt.state != ""}
		if tt.state != "" {
			f.Actions[0].Mailed = &templates.MailedView{State: tt.state, At: at}
		}
		p.Accounts = []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}}
		source := page(t, renderer(t), p)
		for text, want := range map[string]bool{
			`<button type="submit" class="quiet" aria-describedby="resend-confirmation-`: tt.waits,
			`<button type="submit" aria-describedby="resend-confirmation-`:               !tt.waits,
			"We have sent the confirmation again.":                                       tt.waits,
			"We can send the confirmation again.":                                        !tt.waits,
			"<li>Have the confirmation sent again.</li>":                                 !tt.waits,
			"<li>Open the mail. Look in spam too":                                        !tt.waits,
			"<li>Not there? Look in any folder":                                          tt.waits,
		} {
			if strings.Contains(source, text) != want {
				t.Errorf("%q: %q stands there: %t, want %t", tt.state, text, !want, want)
			}
		}
		asked, found := strings.Index(source, `data-action="got-in"`), strings.Index(source, `data-action="resend-confirmation"`)
		if tt.state != "" && asked < found {
			t.Errorf("%q: it is asked whether it helped before there was time", tt.state)
		}
	}
}

func TestAFindingThatWaitsSaysSo(t *testing.T) {
	said := func(after bool) int {
		p := templates.Situation{Base: sampleBase("/situation"), Address: "a@example.com", Accounts: []templates.AccountView{{
			ID: "1", Address: "a@example.com", Findings: []templates.FindingView{
				{Situation: "unconfirmed", Drawing: "unconfirmed", AccountAddress: "a@example.com"},
				{Situation: "reset-on-wrong-site", Drawing: "wrong-site", AccountAddress: "a@example.com", After: after},
			},
		}}}
		return strings.Count(page(t, renderer(t), p), "This comes after it")
	}
	if said(true) != 1 || said(false) != 0 {
		t.Errorf("said %d times where one waits, %d where none does", said(true), said(false))
	}
}

// Who cannot open the mailbox writes to support from anywhere: the mail has to say whose case it is, and that
// nothing shows it to be theirs.
func TestAMailToSupportWithoutProofSaysSo(t *testing.T) {
	for _, state := range []string{"delivered", "failed"} {
		mailsToSupport(t, state)
	}
}

func mailsToSupport(t *testing.T, state string) {
	t.Helper()
	p := templates.CheckEmail{Base: sampleBase("/check-email"), Address: "aa@example.com", State: state, CanResend: true}
	mails := 0
	elements(t, page(t, renderer(t), p), func(_ *html.Node, attrs map[string]string) {
		to, err := neturl.Parse(attrs["href"])
		if err != nil || to.Scheme != "mailto" || to.RawQuery == "" {
			return
		}
		mails++
		subject := to.Query().Get("subject")
		if to.Opaque != "support@acme.example" || !strings.Contains(subject, reference) || !strings.Contains(subject, "not shown") {
			t.Errorf("to %q with the subject %q", to.Opaque, subject)
		}
	})
	if mails != 1 {
		t.Errorf("%s: %d such links, want one", state, mails)
	}
}

// Both parts that a script keeps fresh are in the fragment as they are on the page.
func TestTheFragmentIsOfThePage(t *testing.T) {
	r := renderer(t)
	for _, state := range []string{"queued", "accepted", "delivered", "delayed", "failed"} {
		p := templates.CheckEmail{
			Base: sampleBase("/check-email"), Address: "aa@example.com", State: state, ChangedAt: at, CodeUntil: at,
			CanResend: state != "queued",
		}
		whole, fragment := page(t, r, p), page(t, r, templates.Delivery{CheckEmail: p})
		if strings.Contains(fragment, "<html") || strings.Count(fragment, "data-delivery") != 1 {
			t.Errorf("%s: not a fragment with the state in it", state)
		}
		state, resend, ok := strings.Cut(strings.TrimSpace(fragment), "\n<div data-part=\"resend\">")
		if !ok || !strings.Contains(whole, state) || !strings.Contains(whole, resend) {
			t.Errorf("%s: the page shows it otherwise:\n%s", p.State, fragment)
		}
	}
}

// What is to be done stands with each account: what was found of all of them together leads to it in a few words,
// and its drawing, its steps and its hand-off are folded. Where there is no account it is all there is.
func TestWhatIsFoundOfAllAccountsIsALead(t *testing.T) {
	r := renderer(t)
	p := templates.Situation{Base: sampleBase("/situation"), General: []templates.FindingView{sampleFindings["several-accounts"]}}
	alone := page(t, r, p)
	if !strings.Contains(alone, `<figure`) || strings.Contains(alone, "More about this") {
		t.Error("a finding without an account is a lead to nothing")
	}
	p.General[0].Actions = []templates.ActionView{action("hand-off")}
	p.Accounts = []templates.AccountView{{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{sampleFindings["unlinked-sales"]}}}
	lead, _, ok := strings.Cut(page(t, r, p), `data-situation="unlinked-sales"`)
	open, folded, folds := strings.Cut(lead, "<details>")
	if !ok || !folds || !strings.Contains(open, `data-situation="several-accounts"`) || !strings.Contains(open, "Choose the account you want") {
		t.Fatalf("the lead does not stand before the account:\n%s", lead)
	}
	for _, want := range []string{"<figure", `<ol class="steps">`, "A second account comes about", `data-action="hand-off"`, "ask for one of these"} {
		if strings.Contains(open, want) || !strings.Contains(folded, want) {
			t.Errorf("%s is not folded", want)
		}
	}
}

func TestMailOtherAddressIsSaidOnce(t *testing.T) {
	f := sampleFindings["different-email"]
	p := templates.Situation{Base: sampleBase("/situation"), General: []templates.FindingView{f}, OtherAddressAsked: true}
	source := page(t, renderer(t), p)
	if strings.Contains(source, `data-action="mail-other-address"`) {
		t.Error("the button is still there")
	}
	const said, title = "If a similar address has an account, our mail is on its way there.", "<title>Look in your other mailboxes · "
	if top, below, _ := strings.Cut(source, `<section class="finding"`); !strings.Contains(top, said) || strings.Contains(below, said) || !strings.Contains(top, title) {
		t.Errorf("it is not said at the top, where the page opens, and there alone:\n%s", source)
	}
	p.OtherAddressAsked = false
	if source := page(t, renderer(t), p); strings.Contains(source, said) || strings.Contains(source, title) {
		t.Error("it is said before it was asked for")
	}
	p.OtherAddressAsked, p.General = true, []templates.FindingView{sampleFindings["several-accounts"]}
	if source := page(t, renderer(t), p); strings.Contains(source, said) || strings.Contains(source, title) {
		t.Error("it is said of an address that has an account")
	}
}

// Who signed in to an identity that no account is linked to sees it where the page opens: nothing else has changed. One
// that is linked changes what was found, and is told of below.
func TestAnIdentityWithoutAnAccountIsToldOfAtTheTop(t *testing.T) {
	const said, button = "so we know that this account is yours.", `data-action="prove-identity"`
	for _, tt := range []struct {
		unlinked, offered, top, below, section bool
	}{
		{unlinked: true, offered: true, top: true, section: true},
		{unlinked: true, top: true},
		{offered: true, below: true, section: true},
		{below: true, section: true},
	} {
		source := page(t, renderer(t), templates.Situation{
			Base: sampleBase("/situation"), General: []templates.FindingView{sampleFindings["different-email"]},
			Identity: &templates.IdentityView{Offered: tt.offered, Own: []templates.OwnIdentity{{Address: "a@example.com", At: at, Unlinked: tt.unlinked}}},
		})
		top, below, _ := strings.Cut(source, `<section class="finding"`)
		if strings.Contains(top, said+" No Customers Portal account is linked to it.") != tt.top || strings.Contains(below, said) != tt.below {
			t.Errorf("%+v: said at the top, below: %t, %t", tt, strings.Contains(top, said), strings.Contains(below, said))
		}
		if strings.Contains(below, `id="identity"`) != tt.section || strings.Contains(below, button) != tt.offered {
			t.Errorf("%+v: has its section, its button: %t, %t", tt, strings.Contains(below, `id="identity"`), strings.Contains(below, button))
		}
	}
}

// What is done is said once, and so is when to write to support: with the address, where there is one.
func TestADonePageSaysOnceWhenToWrite(t *testing.T) {
	for purpose, when := range map[string]string{"stop": "Do you need to sign in sooner?", "disown": "Do you see something on your account that you don’t know?"} {
		source := page(t, renderer(t), templates.Done{Base: sampleBase("/" + purpose), Purpose: purpose})
		_, main, _ := strings.Cut(source, "<main")
		main, _, _ = strings.Cut(main, "</main>")
		if !strings.Contains(main, when+" Write to our support team:<br><a href=") || strings.Count(strings.ToLower(main), "write to our support") != 1 || strings.Contains(main, "tell them") {
			t.Errorf("%s: it is not said once when to write to support, with the address:\n%s", purpose, main)
		}
	}
}

// A page that comes back is told by its title to who hears it: what became of the mail comes first.
func TestTheTitleSaysWhatBecameOfTheMail(t *testing.T) {
	for state, want := range map[string]string{
		"":          "<title>Here is why you can’t sign in · ",
		"queued":    "<title>Our mail is on its way out · Here is why you can’t sign in · ",
		"accepted":  "<title>We sent our mail · Here is why you can’t sign in · ",
		"delivered": "<title>Our mail is there · Here is why you can’t sign in · ",
		"delayed":   "<title>Our mail isn’t there yet · Here is why you can’t sign in · ",
		"failed":    "<title>Our mail didn’t get through · Here is why you can’t sign in · ",
	} {
		f := sampleFindings["unconfirmed"]
		f.Actions = []templates.ActionView{{ID: "resend-confirmation", AccountID: "7", Primary: true}}
		if state != "" {
			f.Actions[0].Mailed = &templates.MailedView{State: state, At: at}
		}
		source := page(t, renderer(t), templates.Situation{
			Base: sampleBase("/situation"), MailWaits: state != "",
			Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}},
		})
		if !strings.Contains(source, want) {
			t.Errorf("%q: the title is not %q", state, want)
		}
	}
}

// Who got in is not told why they can't, nor that nothing is left to do while steps stand below.
func TestWhoGotInIsNotToldThatTheyCannot(t *testing.T) {
	const nothing, steps = "so there is nothing left to do here.", "If a step below is still open, it’s best done now."
	for _, tt := range []struct {
		situation, heading, says, not string
		allRight                      bool
	}{
		{"unlinked-legacy", "<h1>You can sign in. Here is what we found</h1>", steps, nothing, false},
		{"ready", "<h1>Everything looks right with this account</h1>", nothing, steps, true},
	} {
		source := page(t, renderer(t), templates.Situation{
			Base: sampleBase("/situation"), GotIn: "yes", AllRight: tt.allRight,
			Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{sampleFindings[tt.situation]}}},
		})
		if !strings.Contains(source, tt.heading) || !strings.Contains(source, tt.says) || strings.Contains(source, tt.not) {
			t.Errorf("%s: the page has not %q and %q, or has %q", tt.situation, tt.heading, tt.says, tt.not)
		}
	}
}

// Not everything is known to be right where a check could not be made: what it would have found may be the reason.
func TestAllIsRightOnlyWhereAllWasChecked(t *testing.T) {
	const all, in = "<h1>Everything looks right with this account</h1>", "<h1>You can sign in. Here is what we found</h1>"
	right, failed := templates.CheckView{ID: "linked", State: templates.CheckRight}, templates.CheckView{ID: "identity", State: templates.CheckFailed}
	for _, tt := range []struct {
		checks    []templates.CheckView
		want, not string
	}{
		{[]templates.CheckView{right}, all, in},
		{[]templates.CheckView{right, failed}, in, all},
	} {
		source := page(t, renderer(t), templates.Situation{
			Base: sampleBase("/situation"), AllRight: true, Checks: tt.checks,
			Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{sampleFindings["ready"]}}},
		})
		if !strings.Contains(source, tt.want) || strings.Contains(source, tt.not) {
			t.Errorf("%v: the heading is not %q", tt.checks, tt.want)
		}
	}
}

// Who has asked support, where nothing else can be done, is not told to ask it.
func TestWhoHasAskedIsNotToldToAsk(t *testing.T) {
	f := sampleFindings["sign-in-disabled"]
	f.Actions = []templates.ActionView{{ID: "hand-off", Primary: true}}
	for _, filed := range []bool{false, true} {
		source := page(t, renderer(t), templates.Situation{
			Base: sampleBase("/situation"), HandedOff: filed,
			Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}},
		})
		if asks := strings.Contains(source, "Ask support to help"); asks == filed {
			t.Errorf("filed: %t; the page says to ask support: %t", filed, asks)
		}
	}
}

// A step that says to ask support leads there: the button stands in what is closed. A help page has no case to
// send, so that its steps have the words alone.
func TestAStepThatSaysToAskSupportLeadsThere(t *testing.T) {
	r := renderer(t)
	steps := regexp.MustCompile(`(?s)<ol class="steps">.*?</ol>`)
	led := 0
	for id, f := range sampleFindings {
		if f.Neutral { // its button stands open under the steps
			continue
		}
		ofCase := steps.FindString(page(t, r, templates.Situation{
			Base: sampleBase("/situation"), Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}},
		}))
		asks := strings.Count(strings.ToLower(ofCase), "ask support")
		if got := strings.Count(ofCase, `<a href="/support">`); got != asks {
			t.Errorf("%s: %d steps ask support, and %d lead there", id, asks, got)
		}
		led += asks
		f.Actions = nil
		help := page(t, r, templates.Help{Finding: f})
		if strings.Contains(help, `href="/support"`) || strings.Contains(help, "[[") {
			t.Errorf("%s: the help page leads to a case that there is not", id)
		}
	}
	if led < 5 {
		t.Errorf("only %d steps ask support", led)
	}
}

// The steps of a situation speak of buttons that stand on the page of a case: "Sign in from here". A help page
// has no case, so that its first step is to begin one.
func TestTheStepsOfAHelpPageBeginWithTheStart(t *testing.T) {
	r := renderer(t)
	const first = `<ol class="steps">` + "\n" + `<li><a href="/">Start here with your email address</a>.`
	for id, f := range sampleFindings {
		ofCase := page(t, r, templates.Situation{
			Base: sampleBase("/situation"), Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}},
		})
		f.Actions = nil
		if help := page(t, r, templates.Help{Finding: f}); !strings.Contains(help, first) || strings.Contains(ofCase, first) {
			t.Errorf("%s: the steps of the help page, and of it alone, do not begin with the start", id)
		}
	}
}

// A help page knows nothing of who reads it: no account, no address, no case, no button to sign in. It says first
// when it may be the reason and how to find out, and all else under "If this is it".
func TestAHelpPageStatesNothingOfItsReader(t *testing.T) {
	r := renderer(t)
	ofReader := regexp.MustCompile(`(?i)from here|your case|keep the reference|we found|this address|address here|have here|this page|button above|why this happened`)
	for id, f := range sampleFindings {
		f.Actions, f.AccountAddress, f.IdentityAddress, f.Variant, f.At = nil, "", "", "", time.Time{}
		help := page(t, r, templates.Help{Finding: f})
		_, body, _ := strings.Cut(help, "</h1>")
		if found := ofReader.FindString(body); found != "" {
			t.Errorf("%s: the help page says %q", id, found)
		}
		first, rest, ok := strings.Cut(body, `<h2 id="if">If this is it</h2>`)
		if !ok || !strings.Contains(first, `<a class="button" href="/" aria-describedby="find-out">Find out whether this is it</a>`) {
			t.Errorf("%s: the way to find out does not stand first", id)
		}
		if strings.Contains(help, "|") {
			t.Errorf("%s: what the search alone should find is shown", id)
		}
		if strings.Contains(rest, `class="button"`) {
			t.Errorf("%s: a button comes late", id)
		}
		short, _ := r.Text("en", "situation."+id+".short")
		saw, _ := r.Text("en", "situation."+id+".saw")
		if strings.Contains(first, "This may be the reason if") == f.Neutral {
			t.Errorf("%s: when it may be the reason does not stand first", id)
		}
		for line := range strings.SplitSeq(strings.TrimSpace(short+"\n"+saw), "\n") {
			shown, _, _ := strings.Cut(line, "|")
			said := strings.Contains(plainOf(t, first), strings.NewReplacer("“", "", "”", "").Replace(strings.TrimSpace(shown)))
			if said == f.Neutral {
				t.Errorf("%s: %q is a sign of it: said first %t", id, line, said)
			}
		}
	}
}

// plainOf is what people read of a piece of a page, without quotes.
func plainOf(t *testing.T, source string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.NewReplacer("“", "", "”", "").Replace(b.String())
}

// Where the proven mailbox is enough for support, that is said in a sentence, and not in a list that begins
// with what else they will ask for. A help page does not say it of somebody who has shown nothing yet.
func TestAMailboxThatIsEnoughIsASentence(t *testing.T) {
	r := renderer(t)
	const list, shown, once = "ask for one of these", "You have already shown that this mailbox is yours", "Once you have shown us"
	enough := 0
	for id, f := range sampleFindings {
		if f.Neutral {
			continue
		}
		want := slices.Equal(f.Proofs, []string{"mailbox"})
		if want {
			enough++
		}
		ofCase := page(t, r, templates.Situation{
			Base: sampleBase("/situation"), Accounts: []templates.AccountView{{ID: "7", Findings: []templates.FindingView{f}}},
		})
		f.Actions = nil
		help := page(t, r, templates.Help{Finding: f})
		if strings.Contains(ofCase, shown) != want || strings.Contains(ofCase, list) == want {
			t.Errorf("%s: the page of the case does not say what support needs, or says it twice", id)
		}
		if strings.Contains(help, once) != want || strings.Contains(help, list) == want || strings.Contains(help, shown) {
			t.Errorf("%s: the help page does not say what support needs, or says that it is shown", id)
		}
	}
	if enough < 5 {
		t.Errorf("the mailbox is enough in %d situations", enough)
	}
}

// What support does follows "Our support team can do this for you": each line is something that they do.
func TestWhatSupportDoesIsDoneBySupport(t *testing.T) {
	r := renderer(t)
	for id := range sampleFindings {
		text, _ := r.Text("en", "situation."+id+".support", "Address", "", "IdentityAddress", "", "At", "")
		for line := range strings.SplitSeq(text, "\n") {
			for _, other := range []string{"You ", "Support ", "After ", "If you like", "Very "} {
				if strings.HasPrefix(line, other) {
					t.Errorf("%s: support does not do %q", id, line)
				}
			}
		}
	}
}

// A dead confirmation link says that one may be able to sign in, and leads to where.
func TestADeadConfirmationLeadsToThePortal(t *testing.T) {
	r := renderer(t)
	for purpose, want := range map[string]bool{"confirm": true, "prove": false, "stop": false} {
		source := page(t, r, templates.LinkDead{Base: sampleBase("/" + purpose), Purpose: purpose})
		if got := strings.Contains(source, `<a href="https://customers.example.com">Sign in to the Customers Portal</a>`); got != want {
			t.Errorf("%s: leads to the portal: %t, want %t", purpose, got, want)
		}
	}
}
