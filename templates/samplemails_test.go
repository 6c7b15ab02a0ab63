package templates_test

import (
	"slices"
	"time"

	"latchkey/templates"
)

var mailBase = templates.MailBase{Reference: reference, AskedAt: at, Browser: "Firefox on Windows"}

const (
	actURL   = "https://help.acme.example/l/8hQ2v9Zk3pXw7Lr5TnB4cYd6Fg1Js0MaUe-RiOqWxVz"
	asideURL = "https://help.acme.example/l/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT-uVwXyZ12345678"
)

var sampleTicket = templates.MailTicket{
	MailBase: mailBase, Address: "customerz@example.com", Language: "en",
	Message:    "I bought this for our team and cannot get in.\n\nOrder 1234 5678, see https://evil.example/x",
	Said:       &templates.SymptomView{ID: "saw-email-has-already-been-taken", Text: "“Email has already been taken”"},
	Link:       &templates.TicketLink{Ticket: "12345", Signed: true, Expected: "unlinked-legacy"},
	Proofs:     []templates.TicketProof{{Address: "customerz@example.com", Via: "code", At: at}, {Address: "z@example.com", Via: "link", At: at}, {Address: "+31", Via: "others", At: at}},
	Identities: []templates.TicketIdentity{{Subject: "2000107", Issuer: "https://gitlab.com", At: at}},
	Findings: []templates.TicketFinding{{
		Situation: "linked-email-mismatch", AccountID: "7", Ownership: "identity", Needs: []string{"identity-owner"}, Identity: "2000107", BillingAccounts: []string{"500107"},
		Facts:  []templates.TicketFact{{Name: "identity.email_verified", Value: "true"}},
		Proofs: []string{"contact-approval", "invoice"},
	}},
	Checks:     []templates.CheckView{{ID: "address-confirmed", State: "right"}},
	Steps:      []templates.TicketStep{{At: at, Act: "proven", Detail: "code"}, {At: at, Act: "sign-in-mailed"}, {At: at, Act: "not-in-words"}},
	Deliveries: []templates.TicketDelivery{{Kind: "prove", State: "delivered", At: at}, {Kind: "sign-in", State: "failed", Reason: "refused", At: at}},
}

// said is the ticket of a customer who told us of a symptom that is no message.
func said(symptom string) templates.MailTicket {
	t := sampleTicket
	t.Said = &templates.SymptomView{ID: symptom}
	return t
}

// disowned is the ticket of a case whose mailbox's owner says that it wasn't them.
func disowned() templates.MailDisowned {
	t := sampleTicket
	t.Findings = slices.Clone(t.Findings)
	for i := range t.Findings {
		t.Findings[i].Disowned = true
	}
	return templates.MailDisowned{MailTicket: t}
}

const consoleURL = "https://ops.acme.example/console/cases/LK-7F3K-92QD"

// bound is the ticket of a case that a signed support link bound to another ticket.
func bound() templates.MailTicket {
	t := sampleTicket
	t.Message, t.Entry, t.ConsoleURL = "", "signed", consoleURL
	t.Link = &templates.TicketLink{Ticket: "35436", Signed: true}
	return t
}

type sampleMail struct {
	name  string
	mail  templates.Mail
	first string // the URL of its act; "" for none
}

func sampleMails() []sampleMail {
	until := at.Add(15 * time.Minute)
	return []sampleMail{
		{"prove", templates.MailProof{MailBase: mailBase, Code: "48310926", LinkURL: actURL, StopURL: asideURL, Until: until}, actURL},
		{"sign-in", templates.MailSignIn{MailBase: mailBase, LinkURL: actURL, DisownURL: asideURL, Until: until}, actURL},
		{"confirm", templates.MailConfirm{MailBase: mailBase, LinkURL: actURL, DisownURL: asideURL, Until: until}, actURL},
		{"signed-in", templates.MailSignedIn{MailBase: mailBase, DisownURL: asideURL}, asideURL},
		{"handed-off", templates.MailHandedOff{
			MailBase: mailBase, Message: sampleTicket.Message, Situations: []string{"linked-email-mismatch"}, DisownURL: asideURL,
			Proofs: []string{"contact-approval", "invoice", "group-owner"}, Needs: []string{"identity-owner"},
		}, asideURL},
		{"handed-off-enough", templates.MailHandedOff{
			MailBase: mailBase, Message: "Help.", Situations: []string{"unlinked-legacy"}, Proofs: []string{"mailbox"}, DisownURL: asideURL,
		}, asideURL},
		{"hand-off-notice", templates.MailHandOffNotice{MailBase: mailBase, DisownURL: asideURL}, asideURL},
		{"other-address", templates.MailOtherAddress{MailBase: mailBase, StartURL: "https://help.acme.example/", Domain: "example.com"}, "https://help.acme.example/"},
		{"ticket", sampleTicket, ""},
		{"ticket-owner-left", said("owner-left"), ""},
		{"ticket-bound", bound(), consoleURL},
		{"outcome", templates.MailOutcome{MailBase: mailBase, Outcome: "signed-in", ConsoleURL: consoleURL}, consoleURL},
		{"outcome-expected", templates.MailOutcome{MailBase: mailBase, Outcome: "got-in", Situations: []string{"unconfirmed", "no-billing-access"}, Expected: "unconfirmed"}, ""},
		{"outcome-unexpected", templates.MailOutcome{
			MailBase: mailBase, Outcome: "not-in", ConsoleURL: consoleURL, Situations: []string{"linked-email-mismatch"}, Expected: "unconfirmed",
		}, consoleURL},
		{"disowned", disowned(), ""},
	}
}
