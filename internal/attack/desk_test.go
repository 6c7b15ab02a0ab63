package attack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	customers "latchkey/internal/demo"
	"latchkey/internal/diagnosis"
)

// ticket is one as /desk.json shows it.
type ticket struct {
	ID        int64
	Subject   string
	Requester string
	Tags      []string
	Comments  []struct {
		Body, Author string
		Public       bool
	}
}

// desk is what the demo's support desk holds.
func (d *demo) desk() []ticket {
	d.t.Helper()
	answer, err := http.Get(d.ops + "/desk.json")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var all []ticket
	if err := json.NewDecoder(answer.Body).Decode(&all); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// ticketOf is the one whose subject has a reference.
func (d *demo) ticketOf(reference string) (found ticket, count int) {
	d.t.Helper()
	for _, t := range d.desk() {
		if strings.Contains(t.Subject, reference) {
			found = t
			count++
		}
	}
	return found, count
}

// handOff proves an address and asks support.
func (d *demo) handOff(address, message string) (reference string) {
	d.t.Helper()
	b := d.prove(address)
	b.get(d.base + "/support")
	b.submit(b.field("message"), "message", message)
	if len(b.page.hooks["reference"]) == 0 {
		d.t.Fatalf("%s: no reference at %s", address, b.page.url)
	}
	return b.page.hooks["reference"][0]
}

var (
	anyAddress = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`)
	anyCode    = regexp.MustCompile(`\b\d{4}[ -]?\d{4}\b`)
)

// The ticket of every demo customer is of their proven address, has the situation with its steps, and neither
// a secret nor another person's address or name. Of billing accounts it has the numbers of those that the
// customer's accounts are members of.
func TestTicketsHoldNothingOfOthers(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	for _, c := range customers.Customers() {
		if c.Situation == "" {
			continue
		}
		reference := d.handOff(c.Address, "Please look into it.")
		d.until("the desk has the ticket of "+c.Address, func() bool {
			got, _ := d.ticketOf(reference)
			return len(got.Comments) == 2
		})
		got, count := d.ticketOf(reference)
		if count != 1 || !strings.EqualFold(got.Requester, c.Address) || !slices.Contains(got.Tags, "latchkey") {
			t.Errorf("%s: %d tickets, of %s, tags %v", c.Address, count, got.Requester, got.Tags)
		}
		message, note := got.Comments[0], got.Comments[1]
		if !message.Public || message.Body != "Please look into it." || note.Public {
			t.Errorf("%s: the description %+v, the note public: %v", c.Address, message, note.Public)
		}
		d.checkNote(t, c, reference, note.Body)
	}
}

// checkNote: what support has to know stands in the note, and nothing else.
func (d *demo) checkNote(t *testing.T, c customers.Customer, reference, note string) {
	t.Helper()
	situation, _ := diagnosis.ByID(diagnosis.ID(c.Situation))
	for _, want := range []string{
		reference, "(" + c.Situation + ")", "What to do:", "1. ", "Mailboxes proven in this case", "What was done so far",
		"Mails of this case", "Browser: ", "Language: ", "How they came: ", d.ops + "/console/cases/" + reference,
	} {
		if !strings.Contains(note, want) {
			t.Errorf("%s: the note lacks %q:\n%s", c.Address, want, note)
		}
	}
	first, _, _ := strings.Cut(note[strings.Index(note, "("+c.Situation+")"):], "What to do:") // what stands before the steps
	obtain := "Before you act, obtain one of:"
	if slices.Equal(situation.Proofs, []diagnosis.Proof{diagnosis.ProofMailbox}) {
		obtain = "No further proof is needed"
	}
	if len(situation.Proofs) > 0 && !strings.Contains(first, obtain) {
		t.Errorf("%s: the note does not say what to obtain before what to do", c.Address)
	}
	if !situation.Neutral && !strings.Contains(note, "Facts, as the systems gave them:") {
		t.Errorf("%s: the note has no facts", c.Address)
	}
	for _, found := range anyAddress.FindAllString(note, -1) {
		if !strings.EqualFold(found, c.Address) {
			t.Errorf("%s: the note names %s", c.Address, found)
		}
	}
	own := customers.BillingOf(c.Address)
	if situation.Neutral || situation.ID == diagnosis.DifferentEmail { // no account is shown to be theirs
		own = nil
	}
	for _, name := range customers.Names() {
		if strings.Contains(note, name) && !slices.Contains(own, name) {
			t.Errorf("%s: the note names %s", c.Address, name)
		}
	}
	for _, id := range own {
		if !strings.Contains(note, "Billing account: "+id) {
			t.Errorf("%s: the note lacks the billing account %s", c.Address, id)
		}
	}
	if code := anyCode.FindString(note); code != "" || strings.Contains(note, "/l/") {
		t.Errorf("%s: the note holds a code or a link: %q", c.Address, code)
	}
}

// A desk that keeps notes to itself has what support unlinks or adds to by its number, in a note.
func TestIDsStandInTheDesksNote(t *testing.T) {
	d := startDemo(t)
	reference := d.handOff("customerZ@example.com", "Please look into it.")
	d.until("a ticket with its note", func() bool { got, n := d.ticketOf(reference); return n == 1 && len(got.Comments) == 2 })
	found, _ := d.ticketOf(reference)
	for _, id := range []string{"2000107", "A-2007"} {
		noted := false
		for _, c := range found.Comments {
			holds := strings.Contains(c.Body, id)
			if holds && c.Public {
				t.Errorf("%s stands where the customer reads it: %s", id, c.Body)
			}
			noted = noted || holds
		}
		if !noted {
			t.Errorf("support is not told of %s: %+v", id, found)
		}
	}
}

// Of these numbers the customer is told nothing, nor is a mail to support, which a reply would quote to them: owning the
// account does not establish the identity linked to it (R2).
func TestIDsAreForSupportAlone(t *testing.T) {
	d := startDemo(t, "--desk", "email")
	b := d.prove("customerZ@example.com")
	seen := b.page.text
	b.get(d.base + "/support")
	seen += b.page.text
	b.submit(b.field("message"), "message", "Please look into it.")
	seen += b.page.text
	d.settled()
	for _, m := range d.inbox("customerZ@example.com") {
		seen += m.Text + m.HTML
	}
	toSupport := d.inbox("support@acme.example")[0].Text
	for _, id := range []string{"2000107", "A-2007"} {
		if strings.Contains(toSupport, id) {
			t.Errorf("the mail to support, which a reply quotes to the customer, tells of %s:\n%s", id, toSupport)
		}
		if strings.Contains(seen, id) {
			t.Errorf("the customer is told of %s", id)
		}
	}
	neutral := d.handOff("disabled@example.com", "Please look into it.")
	d.settled()
	for _, m := range d.inbox("support@acme.example") {
		if strings.Contains(m.Subject, neutral) && (strings.Contains(m.Text, "Linked GitLab.com account") || strings.Contains(m.Text, "Billing account:")) {
			t.Errorf("a neutral ticket says more than its situation:\n%s", m.Text)
		}
	}
}

// The situation's page, the form, the page once it is filed and the copy ask for the same.
func TestWhatSupportAsksForIsToldAlike(t *testing.T) {
	d := startDemo(t, "--desk", "email", "--limit-scale", "50")
	const (
		enough, mayAsk = "Support needs nothing more", "They may ask for something that shows the account is yours"
		contract       = "An earlier contract or order form"
		invoice        = "An invoice that is less than 12 months old"
		owner          = "Whoever owns the linked GitLab.com account has to agree, too"
	)
	for address, told := range map[string][2][]string{ // what stands there, and what doesn't
		"customerX@example.com":         {{enough}, {contract, invoice, owner, mayAsk}},
		"customerZ@example.com":         {{contract, invoice, owner}, {enough, mayAsk}},
		"reseller-purchase@example.com": {{contract}, {enough, invoice, owner, mayAsk}},
		"disabled@example.com":          {nil, {enough, contract, invoice, owner}},
	} {
		b := d.prove(address)
		seen := b.page.text
		b.get(d.base + "/support")
		form := b.page.text
		b.submit(b.field("message"), "message", "Please look into it.")
		filed, reference := b.page.text, b.page.hooks["reference"][0]
		if !strings.Contains(b.page.body, `href="mailto:support@acme.example?subject=To%20my%20case%20`+reference+`"`) {
			t.Errorf("%s: no way to add to the case:\n%s", address, b.page.text)
		}
		b.get(d.base + "/situation")
		if again := "You can add a message first"; strings.Contains(b.page.text, again) || !slices.Contains(b.page.hooks["action"], "hand-off") ||
			!strings.Contains(b.page.text, "There you can read what you sent, and how to add something.") {
			t.Errorf("%s: after the hand-off the page offers it again, or does not say where to read on:\n%s", address, b.page.text)
		}
		d.settled()
		copied := strings.Join(strings.Fields(d.inbox(address)[0].Text), " ")
		if !strings.Contains(copied, "Write to support@acme.example and quote ") {
			t.Errorf("%s: the copy names no way to add to the case:\n%s", address, copied)
		}
		for place, text := range map[string]string{"situation": seen, "form": form, "filed": filed, "copy": copied} {
			for _, want := range told[0] {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s: lacks %q:\n%s", address, place, want, text)
				}
			}
			for _, not := range told[1] {
				if strings.Contains(text, not) {
					t.Errorf("%s, %s: says %q", address, place, not)
				}
			}
			if (place == "filed" || place == "copy") && told[0] == nil && !strings.Contains(text, mayAsk) {
				t.Errorf("%s, %s: says nothing of proof", address, place)
			}
		}
	}
}

// Support has a mail of each ticket as well, with what the customer wrote and all of the evidence.
func TestSupportIsMailedTheTicket(t *testing.T) {
	for name, args := range map[string][]string{"zendesk": nil, "email": {"--desk", "email"}} {
		t.Run(name, func(t *testing.T) {
			d := startDemo(t, args...)
			reference := d.handOff("customerZ@example.com", "The third invoice is wrong.")
			d.settled()
			mails := d.inbox("support@acme.example")
			if len(mails) != 1 {
				t.Fatalf("%d mails to support, want one", len(mails))
			}
			m := mails[0]
			for _, want := range []string{reference, "> The third invoice is wrong.", "linked-email-mismatch", "Add that account to the billing account"} {
				if !strings.Contains(strings.Join(strings.Fields(m.Text), " "), want) {
					t.Errorf("the mail lacks %q:\n%s", want, m.Text)
				}
			}
			if !strings.Contains(m.Headers["Reply-To"], "customerZ@example.com") || !strings.Contains(m.Subject, reference) {
				t.Errorf("reply to %q, subject %q", m.Headers["Reply-To"], m.Subject)
			}
			if copies := d.inbox("customerZ@example.com"); !strings.Contains(copies[0].Text, "The third invoice is wrong.") {
				t.Error("the customer has no copy")
			}
		})
	}
}

// Whatever instant it is killed at, what was answered becomes one ticket, and the tickets there are stay.
func TestKilledWhileHandingOff(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	references := map[string]bool{}
	for i := range 5 {
		references[d.handOff(fmt.Sprintf("nobody%d@example.com", i), "Please help.")] = true
		d.kill(syscall.SIGKILL)
		d.start()
	}
	d.settled()
	for reference := range references {
		got, count := d.ticketOf(reference)
		if count != 1 || len(got.Comments) != 2 {
			t.Errorf("%s: %d tickets, %d comments; want one with its message and its note", reference, count, len(got.Comments))
		}
	}
	if got := len(d.desk()); got != len(references)+1 { // and the one that was there
		t.Errorf("%d tickets", got)
	}
}

// throughLink follows a support link, proves an address and comes to the situation's page.
func (d *demo) throughLink(link, address string) *browser {
	d.t.Helper()
	b := d.browser()
	before := len(d.inbox(address))
	b.get(link)
	b.submit(b.field("email"), "email", address)
	b.submit(b.field("code"), "code", d.mail(address, before).code())
	return b
}

// notesOn are the internal notes of a ticket.
func (d *demo) notesOn(id int64) (notes []string) {
	d.t.Helper()
	for _, t := range d.desk() {
		for _, c := range t.Comments {
			if t.ID == id && !c.Public {
				notes = append(notes, c.Body)
			}
		}
	}
	return notes
}

// The agent who made a link reads on the ticket what was found, and whether it is what they expected.
func TestTheNoteSaysWhatWasFound(t *testing.T) {
	const mismatch, unconfirmed = "Your account is linked to a GitLab.com account with another email", "Your email address isn’t confirmed yet"
	for expected, want := range map[string]string{
		"unconfirmed":           "The link expected “" + unconfirmed + "”, and that was not found.",
		"linked-email-mismatch": "The link expected “" + mismatch + "”, and that was found.",
		"":                      "",
	} {
		d := startDemo(t)
		args := []string{"--ticket", "1"}
		if expected != "" {
			args = append(args, "--situation", expected)
		}
		d.throughLink(d.supportLink(args...), "customerZ@example.com").act("sign-in")
		d.until("the ticket is told of the sign-in", func() bool { return len(d.notesOn(1)) == 1 })
		note := strings.ReplaceAll(d.notesOn(1)[0], "'", "’")
		if !strings.Contains(note, "- "+mismatch+"\n") {
			t.Errorf("expecting %q, the note does not say what was found:\n%s", expected, note)
		}
		if !strings.Contains(note, want) || expected == "" && strings.Contains(note, "expected") {
			t.Errorf("expecting %q, the note lacks %q:\n%s", expected, want, note)
		}
	}
}

// A signed link binds a case to a ticket: what comes of it is noted there where the ticket is of who proved
// their mailbox, and nowhere else. The demo's first ticket is customerZ's.
func TestABoundTicketIsToldByItsRequesterAlone(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	link := d.supportLink("--ticket", "1")

	stranger := d.throughLink(link, "customerX@example.com")
	stranger.act("sign-in")
	stranger.get(d.base + "/support")
	stranger.submit(stranger.field("message"), "message", "Tell me about the other one.")
	reference := stranger.page.hooks["reference"][0]
	d.until("the stranger has a ticket of their own", func() bool {
		got, count := d.ticketOf(reference)
		return count == 1 && len(got.Comments) == 2
	})
	d.until("the stranger's outcome is refused", func() bool { return strings.Contains(d.output(), "note not sent") })
	if got := d.notesOn(1); len(got) != 0 {
		t.Fatalf("a stranger's case wrote on the ticket: %q", got)
	}

	owner := d.throughLink(link, "customerZ@example.com")
	owner.act("sign-in")
	d.until("the ticket is told of the sign-in", func() bool { return len(d.notesOn(1)) == 1 })
	owner.get(d.base + "/support")
	owner.submit(owner.field("message"), "message", "Signed in, and still no seats.")
	d.until("the ticket has the hand-off", func() bool { return len(d.notesOn(1)) == 2 })
	d.settled()
	notes := d.notesOn(1)
	if len(notes) != 2 || !strings.Contains(notes[0], "signed in") || !strings.Contains(notes[1], "> Signed in, and still no seats.") ||
		!strings.Contains(notes[1], "linked-email-mismatch") {
		t.Errorf("the ticket has %q", notes)
	}
	if got := len(d.desk()); got != 2 {
		t.Errorf("%d tickets, want the first one and the stranger's", got)
	}
	if log := strings.ToLower(d.output()); strings.Contains(log, "@example.com") {
		t.Error("the log holds an address")
	}
}
