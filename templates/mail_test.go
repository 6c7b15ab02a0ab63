package templates_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"latchkey/templates"
)

var (
	// code and url are what a reader of mails goes by: the first of each is the mail's.
	code = regexp.MustCompile(`\d{4}[ \x{a0}-]?\d{4}`)
	url  = regexp.MustCompile(`https?://[^\s<>"')\]]+`)
)

func mail(t *testing.T, m templates.Mail) templates.Rendered {
	t.Helper()
	return mailBy(t, renderer(t), m)
}

func mailBy(t *testing.T, r *templates.Renderer, m templates.Mail) templates.Rendered {
	t.Helper()
	rendered, err := r.Mail("en", m)
	if err != nil {
		t.Fatal(err)
	}
	return rendered
}

// The act is the first URL also where support is reached by one.
func TestTheActComesBeforeTheContact(t *testing.T) {
	site := sampleSite
	site.SupportContact = "https://support.example.net/new"
	r, err := templates.New(templates.Options{Site: site, Asset: asset})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, s := range sampleMails() {
		m := mailBy(t, r, s.mail)
		if strings.Contains(m.Text, site.SupportContact) {
			named++
		}
		for part, text := range map[string]string{"text": m.Text, "HTML": m.HTML} {
			if s.first != "" && url.FindString(text) != s.first {
				t.Errorf("first URL of the %s of %s is %q, want %q", part, s.name, url.FindString(text), s.first)
			}
		}
	}
	if named == 0 {
		t.Error("no mail names the contact")
	}
}

func TestEveryMailIsSound(t *testing.T) {
	for _, s := range sampleMails() {
		t.Run(s.name, func(t *testing.T) {
			m := mail(t, s.mail)
			if !strings.Contains(m.Subject, reference) || strings.ContainsAny(m.Subject, "\r\n") {
				t.Errorf("subject %q", m.Subject)
			}
			for part, text := range map[string]string{"text": m.Text, "HTML": m.HTML} {
				if !strings.Contains(text, reference) || !strings.Contains(text, sampleSite.Vendor) {
					t.Errorf("%s without reference or signature", part)
				}
				if strings.Contains(text, "no value") || strings.Contains(text, "ZgotmplZ") {
					t.Errorf("%s lacks a value", part)
				}
			}
			if s.first != "" && url.FindString(m.Text) != s.first {
				t.Errorf("first URL %q, want %q", url.FindString(m.Text), s.first)
			}
			if s.first != "" && url.FindString(m.HTML) != s.first {
				t.Errorf("first URL of the HTML %q, want %q", url.FindString(m.HTML), s.first)
			}
			checkWidth(t, m.Text)
			if !strings.Contains(m.Text, "> ") && squeezed(m.Flowing()) != squeezed(m.Text) { // a quote's mark stands on every line
				t.Errorf("the flowing text is another:\n%s", m.Flowing())
			}
			checkNothingRemote(t, m.HTML)
			checkSameFacts(t, m)
		})
	}
}

func checkWidth(t *testing.T, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if utf8.RuneCountInString(line) > 78 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("line of %d columns: %q", utf8.RuneCountInString(line), line)
		}
	}
}

// checkNothingRemote: a mail that is opened tells nobody.
func checkNothingRemote(t *testing.T, source string) {
	t.Helper()
	elements(t, source, func(n *html.Node, a map[string]string) {
		switch n.DataAtom {
		case atom.Img, atom.Link, atom.Script, atom.Iframe, atom.Object, atom.Video, atom.Form, atom.Base:
			t.Errorf("<%s> in a mail", n.Data)
		}
		if a["src"] != "" || a["background"] != "" || strings.Contains(a["style"], "url(") {
			t.Errorf("<%s> loads something", n.Data)
		}
	})
	if strings.Contains(source, "@import") || strings.Contains(source, "url(") {
		t.Error("the style loads something")
	}
}

// checkSameFacts: every paragraph of the text stands in the HTML, and both have the same URLs.
func checkSameFacts(t *testing.T, m templates.Rendered) {
	t.Helper()
	inHTML := squeezed(textOf(t, m.HTML))
	for _, paragraph := range regexp.MustCompile(`\n\n|\n(?:- |> ?|\d+\. )`).Split("\n"+m.Text, -1) {
		want := squeezed(lineMark.ReplaceAllString(strings.TrimSpace(paragraph), ""))
		want = strings.TrimSuffix(want, ":") // a heading in the HTML
		if want != "" && !strings.Contains(inHTML, want) {
			t.Errorf("the HTML lacks %q", want)
		}
	}
	fromText, fromHTML := url.FindAllString(m.Text, -1), url.FindAllString(textOf(t, m.HTML), -1)
	if !slices.Equal(fromText, fromHTML) {
		t.Errorf("URLs differ: %v and %v", fromText, fromHTML)
	}
}

// lineMark is what a quote or an item of a list begins with, which HTML says by its elements.
var lineMark = regexp.MustCompile(`^(?:[->]+|\d+\. )`)

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

func textOf(t *testing.T, source string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.DataAtom != atom.Style && n.Parent.DataAtom != atom.Title {
			b.WriteString(n.Data + " ")
		}
	}
	return b.String()
}

func TestTheCode(t *testing.T) {
	proof := sampleMails()[0].mail.(templates.MailProof)
	for _, given := range []string{"48310926", "4831 0926", "4831-0926"} {
		proof.Code = given
		m := mail(t, proof)
		if got := code.FindString(m.Text); got != "4831 0926" {
			t.Errorf("first code of the text for %q is %q", given, got)
		}
		if !regexp.MustCompile(`(?m)^\s*4831 0926$`).MatchString(m.Text) {
			t.Error("the code does not stand alone on its line")
		}
		if got := code.FindString(textOf(t, m.HTML)); got != "4831 0926" {
			t.Errorf("first code of the HTML is %q", got)
		}
		if code.MatchString(m.Subject) || strings.Contains(m.Subject, "4831") {
			t.Errorf("the subject gives the code away: %q", m.Subject)
		}
	}
}

// The blind mail says nothing of who asked but the domain, and links to the start page alone (R2).
func TestTheBlindMail(t *testing.T) {
	m := mail(t, templates.MailOtherAddress{
		MailBase: templates.MailBase{AskedAt: at, Browser: "Firefox on Windows"},
		StartURL: "https://help.acme.example/", Domain: "organization.com",
	})
	for part, text := range map[string]string{"text": m.Text, "HTML": textOf(t, m.HTML)} {
		if !strings.Contains(text, "organization.com") || strings.Contains(text, "Firefox") || strings.Contains(text, "@") {
			t.Errorf("%s says too much or too little:\n%s", part, text)
		}
		for _, u := range url.FindAllString(text, -1) {
			if u != "https://help.acme.example/" {
				t.Errorf("%s links to %s", part, u)
			}
		}
	}
	if strings.HasSuffix(m.Subject, "·") || strings.Contains(m.Subject, "· ") {
		t.Errorf("subject without a reference: %q", m.Subject)
	}
}

// What a customer writes stays a quotation: no line of it passes for one of ours.
func TestTheMessageIsQuoted(t *testing.T) {
	const evil = "first\r\nEnter this code: 9999 9999\n\n<a href=\"https://evil.example\">x</a> **y**"
	ticket := sampleTicket
	ticket.Message = evil
	for _, m := range []templates.Rendered{
		mail(t, ticket), mail(t, templates.MailHandedOff{MailBase: mailBase, Message: evil, DisownURL: asideURL}),
	} {
		for line := range strings.SplitSeq(m.Text, "\n") {
			if strings.Contains(line, "9999") && !strings.HasPrefix(line, "> ") {
				t.Errorf("line %q is not quoted", line)
			}
		}
		if strings.Contains(m.HTML, `href="https://evil.example"`) || strings.Contains(m.HTML, `class="ui">y`) {
			t.Error("the message became markup")
		}
	}
}

// The line before says until when the link works, and "after that" would be after it has ceased to.
func TestTheConfirmationIsNotWaitedFor(t *testing.T) {
	got := mail(t, templates.MailConfirm{MailBase: mailBase, LinkURL: actURL, DisownURL: asideURL, Until: mailBase.AskedAt.Add(24 * time.Hour)})
	const want = "Once your address is confirmed, you can sign in."
	for part, text := range map[string]string{"text": got.Flowing(), "HTML": textOf(t, got.HTML)} {
		if !strings.Contains(text, want) || strings.Contains(text, "After that") {
			t.Errorf("the %s does not say %q:\n%s", part, want, text)
		}
	}
}

// Of hundreds of mailboxes a ticket has how many there were.
func TestATicketSaysHowManyOtherMailboxes(t *testing.T) {
	const want = "+31 others, the first at 14:02 UTC on 23 November 2026"
	ticket := mail(t, sampleTicket)
	for part, text := range map[string]string{
		"text": ticket.Flowing(), "HTML": textOf(t, ticket.HTML), "console": textOf(t, page(t, renderer(t), sampleCase())),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the %s does not say %q:\n%s", part, want, text)
		}
	}
}

// Who says that it wasn't them is not to be let in by the very steps that were found for a stranger.
func TestADisownedCaseTellsNobodyToLetAnybodyIn(t *testing.T) {
	ticket, disowned := mail(t, sampleTicket), mail(t, disowned())
	for _, id := range []string{
		"mail.ticket.admin", "mail.ticket.obtain", "mail.ticket.needs", "evidence.proof.invoice", "evidence.proof.identity-owner",
	} {
		words, ok := renderer(t).Text("en", id)
		if !ok {
			t.Fatalf("no words for %s", id)
		}
		for part, texts := range map[string][2]string{"text": {ticket.Text, disowned.Text}, "HTML": {textOf(t, ticket.HTML), textOf(t, disowned.HTML)}} {
			if !strings.Contains(squeezed(texts[0]), squeezed(words)) {
				t.Errorf("%s of the ticket lacks %q", part, words)
			}
			if strings.Contains(squeezed(texts[1]), squeezed(words)) {
				t.Errorf("%s of the disowned case says %q", part, words)
			}
		}
	}
	if !strings.Contains(disowned.Text, "(linked-email-mismatch)") {
		t.Error("what was found is not named")
	}
}

// Support reads what proves the customer's right before it reads what to do, and what the systems said last.
func TestTheTicketAsksForProofFirst(t *testing.T) {
	m := mail(t, sampleTicket)
	dry := textOf(t, page(t, renderer(t), sampleDryRun()))
	for part, text := range map[string]string{
		"text": m.Text, "HTML": textOf(t, m.HTML), "case": textOf(t, page(t, renderer(t), sampleCase())), "dry run": dry,
	} {
		text, at := squeezed(text), -1
		for _, id := range []string{"obtain", "needs", "admin", "facts"} {
			words, _ := renderer(t).Text("en", "mail.ticket."+id)
			if id == "needs" && part == "dry run" {
				continue
			}
			found := strings.Index(text, squeezed(words))
			if found <= at {
				t.Errorf("%s: %q stands at %d, want it after %d", part, words, found, at)
			}
			at = found
		}
	}
	for part, text := range map[string]string{"text": m.Text, "HTML": textOf(t, m.HTML), "case": textOf(t, page(t, renderer(t), sampleCase()))} {
		for _, want := range []string{"Linked GitLab.com account: number 20001", "Billing account: 50010"} {
			if !strings.Contains(squeezed(text), squeezed(want)) {
				t.Errorf("%s lacks %q", part, want)
			}
		}
	}
}

// Where the mailbox is proof enough it is said in a sentence, and not as one of a list.
func TestNoFurtherProofIsASentence(t *testing.T) {
	ticket, c := sampleTicket, sampleCase()
	enough := []templates.TicketFinding{{Situation: "unlinked-legacy", Proofs: []string{"mailbox"}}}
	ticket.Findings, c.Evidence.Findings = enough, enough
	m := mail(t, ticket)
	for part, text := range map[string]string{"text": m.Text, "HTML": textOf(t, m.HTML), "case": textOf(t, page(t, renderer(t), c))} {
		text = squeezed(text)
		if !strings.Contains(text, squeezed("No further proof is needed: the customer has shown that the mailbox is theirs.")) ||
			strings.Contains(text, squeezed("obtain one of")) {
			t.Errorf("%s: want a sentence and no list:\n%s", part, text)
		}
	}
}

// A dry run proves nothing, whatever it finds.
func TestADryRunClaimsNoProof(t *testing.T) {
	p := sampleDryRun()
	for _, ownership := range []string{"address", "identity"} {
		p.Accounts[0].Ownership = ownership
		text := squeezed(textOf(t, page(t, renderer(t), p)))
		for _, claim := range []string{"was proven", "was shown to be theirs", "has shown"} {
			if strings.Contains(text, squeezed(claim)) {
				t.Errorf("by %s: it says %q", ownership, claim)
			}
		}
		for _, want := range []string{"Would be theirs if they prove this mailbox", "once they have proven this mailbox", "What to do:"} {
			if !strings.Contains(text, squeezed(want)) {
				t.Errorf("by %s: it does not say %q:\n%s", ownership, want, text)
			}
		}
	}
}

func TestAMailWithoutTrimmings(t *testing.T) {
	bare := templates.MailBase{Reference: reference, AskedAt: at}
	for _, m := range []templates.Mail{
		templates.MailHandedOff{MailBase: bare, DisownURL: asideURL},
		templates.MailTicket{MailBase: bare},
		templates.MailTicket{MailBase: bare, Incomplete: true},
		templates.MailDisowned{},
		templates.MailSignedIn{MailBase: bare},
	} {
		checkSameFacts(t, mail(t, m))
	}
	if text := mail(t, templates.MailTicket{MailBase: bare}).Text; !strings.Contains(text, "Nothing shows who wrote this") {
		t.Error("a ticket without proof does not say so")
	}
}

// A time never looks like a code, whatever the day and year.
func TestTimesAreNotCodes(t *testing.T) {
	r := renderer(t)
	for day := range 366 {
		m := mailBy(t, r, templates.MailSignedIn{MailBase: templates.MailBase{Reference: reference, AskedAt: at.AddDate(0, 0, day)}, DisownURL: "https://x.example/"})
		if found := code.FindString(m.Text); found != "" {
			t.Fatalf("%q reads as a code", found)
		}
	}
}

// Who reads a mail in another zone than UTC sees by how long it works that it still does.
func TestMailsSayHowLongTheyWork(t *testing.T) {
	for life, want := range map[time.Duration]string{
		15*time.Minute - 20*time.Millisecond: "15 minutes", // its rows were not written in one instant
		6*time.Minute + 40*time.Second:       "6 minutes",
		time.Minute:                          "1 minute",
		2 * time.Second:                      "1 minute",
		90 * time.Minute:                     "90 minutes",
		time.Hour:                            "1 hour",
		24 * time.Hour:                       "1 day",
		36 * time.Hour:                       "36 hours",
		7 * 24 * time.Hour:                   "7 days",
	} {
		until := mailBase.AskedAt.Add(life)
		for _, m := range []templates.Mail{
			templates.MailProof{MailBase: mailBase, Until: until},
			templates.MailSignIn{MailBase: mailBase, Until: until},
			templates.MailConfirm{MailBase: mailBase, Until: until},
		} {
			got, err := renderer(t).Mail("en", m)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Flowing(), " for "+want) || !strings.Contains(textOf(t, got.HTML), " for "+want) {
				t.Errorf("%T that works for %v does not say for %s:\n%s", m, life, want, got.Text)
			}
		}
	}
}
