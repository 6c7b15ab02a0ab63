package templates_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/templates"
)

func consoleBase(path string) templates.ConsoleBase {
	return templates.ConsoleBase{Base: templates.Base{Path: path, FormToken: "form-token"}, Who: "grace (42)", Links: true}
}

func consoleWrong(path, field string, id templates.ProblemID) templates.ConsoleBase {
	b := consoleBase(path)
	b.Problems = []templates.Problem{{Field: field, ID: id}}
	return b
}

// sampleEvents are one of each kind, on two days.
func sampleEvents() []templates.ConsoleDay {
	later := at.Add(26 * time.Hour)
	return []templates.ConsoleDay{
		{Day: at, Events: []templates.ConsoleEvent{
			{At: at, Lane: "customer", ID: "started"},
			{At: at, Lane: "mail", ID: "prove", State: "delivered", ChangedAt: at.Add(time.Minute), Until: at.Add(15 * time.Minute), UsedAt: at.Add(3 * time.Minute), Tries: 2},
			{At: at.Add(2 * time.Minute), Lane: "customer", ID: "wrong-code", Times: 2},
			{At: at.Add(3 * time.Minute), Lane: "customer", ID: "proven", Detail: "code"},
			{At: at.Add(3 * time.Minute), Lane: "found", ID: "unlinked-sales", Account: "2000103"},
			{At: at.Add(3 * time.Minute), Lane: "customer", ID: "explained"},
			{At: at.Add(4 * time.Minute), Lane: "customer", ID: "sign-in-mailed"},
			{At: at.Add(4 * time.Minute), Lane: "mail", ID: "sign-in", State: "failed", Reason: "refused", ChangedAt: at.Add(5 * time.Minute), Until: at.Add(time.Hour)},
			{At: at.Add(9 * time.Minute), Lane: "customer", ID: "handed-off"},
			{At: at.Add(9 * time.Minute), Lane: "desk", ID: "support", Account: "81723"},
			{At: at.Add(9 * time.Minute), Lane: "mail", ID: "ticket", State: "delivered", ChangedAt: at.Add(10 * time.Minute), ToDesk: true},
			{At: at.Add(10 * time.Minute), Lane: "case", ID: "ticket-made", Detail: "81723"},
		}},
		{Day: later, Events: []templates.ConsoleEvent{
			{At: later, Lane: "agent", Who: "grace (42)", ID: "agent-viewed", Times: 3},
			{At: later, Lane: "agent", Who: "grace (42)", ID: "agent-resent", Detail: "sign-in"},
			{At: later, Lane: "mail", ID: "sign-in", State: "queued", Until: later.Add(time.Hour)},
			{At: later.Add(time.Minute), Lane: "agent", Who: "grace (42)", ID: "resolved"},
			{At: later.Add(time.Minute), Lane: "customer", ID: "a-step-without-words", Detail: "as it is"},
			{At: later.Add(time.Minute), Lane: "customer", ID: "disowned", ByMailbox: true},
		}},
	}
}

func sampleCase() templates.ConsoleCase {
	base := consoleBase("/console/cases")
	base.Reference = reference
	filed := at.Add(9 * time.Minute)
	return templates.ConsoleCase{
		ConsoleBase: base, Address: "customery@example.com", State: "handed-off", Language: "en", Browser: "Firefox on Windows",
		Entry: "signed", Ticket: "12345", Expected: "unlinked-legacy",
		Rail: []templates.RailStop{
			{ID: "started", At: at},
			{ID: "proven", At: at.Add(3 * time.Minute), Minutes: 3},
			{ID: "explained", At: at.Add(3 * time.Minute), Minutes: 3},
			{ID: "acted", At: at.Add(4 * time.Minute), Minutes: 4},
			{ID: "signed-in"},
			{ID: "handed-off", At: filed, Minutes: 9, Bad: true},
			{ID: "resolved", At: at.Add(26 * time.Hour), Minutes: 1560, Far: true},
		},
		Days: sampleEvents(),
		Evidence: templates.ConsoleEvidence{
			Filed: &filed, Ticket: "81723", Message: "I can't get in.\nWhat now?", Said: &templates.SymptomView{ID: "owner-left"},
			Proofs:     []templates.TicketProof{{Address: "customery@example.com", Via: "code", At: at}, {Address: "+31", Via: "others", At: at}},
			Identities: []templates.TicketIdentity{{Subject: "2000103", Issuer: "https://gitlab.com", At: at}},
			Findings: []templates.TicketFinding{{
				Situation: "unlinked-sales", AccountID: "2000103", Ownership: "address", Identity: "2000103", BillingAccounts: []string{"500103"},
				Facts: []templates.TicketFact{{Name: "identity", Value: "none"}}, Proofs: []string{"invoice", "prior-contract"}, Needs: []string{"identity-owner"},
			}},
			Checks: sampleChecks,
		},
		Resends: []templates.ConsoleResend{
			{Kind: "prove", Address: "customery@example.com"}, {Kind: "sign-in", AccountID: "2000103", Address: "customerY@example.com"},
		},
	}
}

// sampleConsole are the pages of one agent and every way in which they can look.
func sampleConsole() []samplePage {
	resolved, bare := sampleCase(), sampleCase()
	resolved.Resolved, resolved.State = &templates.ConsoleDone{Who: "grace (42)", At: at}, "resolved"
	resolved.Sent = &resolved.Resends[1]
	bare.Ticket, bare.Expected, bare.Browser, bare.Resends, bare.State = "", "", "", nil, "started"
	bare.Evidence = templates.ConsoleEvidence{Incomplete: true}
	stale := templates.ConsoleSignIn{ConsoleBase: consoleWrong("/console/sign-in", "", templates.ProblemConsoleSession), ByToken: true}
	stale.Who = ""
	outside := templates.ConsoleSignIn{ByProvider: true, ByToken: true, Case: reference}
	outside.FormToken = "form-token"
	return []samplePage{
		{"console-sign-in", outside},
		{"console-sign-in-stale", stale},
		{"console-sign-in-name", templates.ConsoleSignIn{ConsoleBase: consoleWrong("/console/sign-in", "name", templates.ProblemConsoleName), ByToken: true}},
		{"console-sign-in-key", templates.ConsoleSignIn{ConsoleBase: consoleWrong("/console/sign-in", "key", templates.ProblemConsoleKey), ByToken: true, Name: "Grace"}},
		{"console-home", templates.ConsoleHome{ConsoleBase: consoleBase("/console")}},
		{"console-home-newest", templates.ConsoleHome{ConsoleBase: consoleBase("/console"), Newest: []templates.ConsoleRow{
			{Reference: "LK-7F3K-9MQD", StartedAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), State: "explained", Entry: "direct", Situations: []string{"unconfirmed"}},
			{Reference: "LK-7F3K-9MQX", StartedAt: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), State: "started", Entry: "signed"},
		}}},
		{"console-home-find", templates.ConsoleHome{ConsoleBase: consoleWrong("/console", "find", templates.ProblemConsoleNoCase), Find: "LK-7F3K-9MQX"}},
		{"console-home-email", templates.ConsoleHome{ConsoleBase: consoleWrong("/console", "email", templates.ProblemConsoleAddress), Email: "ada"}},
		{"console-cases", templates.ConsoleCases{
			ConsoleBase: consoleBase("/console/cases"), Sought: true, Paging: templates.Paging{Path: "/console/cases", Page: 2, Prev: 1, Next: 3},
			Cases: []templates.ConsoleRow{
				{Reference: reference, Address: "customery@example.com", StartedAt: at, State: "handed-off", Entry: "signed", Situations: []string{"unlinked-sales", "no-billing-access"}},
				{Reference: "LK-9MQD-7F3K", Address: "customery@example.com", StartedAt: at, State: "started", Entry: "direct"},
			},
		}},
		{"console-cases-none", templates.ConsoleCases{ConsoleBase: consoleBase("/console/cases"), Sought: true}},
		{"console-cases-unasked", templates.ConsoleCases{ConsoleBase: consoleBase("/console/cases")}},
		{"console-case", sampleCase()},
		{"console-case-resolved", resolved},
		{"console-case-bare", bare},
		{"console-dry-run", sampleDryRun()},
		{"console-dry-run-incomplete", templates.ConsoleDryRun{
			ConsoleBase: consoleBase("/console/dry-run"), Address: "ada@example.com", At: at, Incomplete: true,
			Facts: []templates.ConsoleFact{{ID: "accounts", State: "failed", Why: "no answer in time"}},
		}},
		{"console-links", sampleLinksPage("")},
		{"console-links-made", sampleLinksPage("https://help.acme.example/s/sealed-and-rather-long-0123456789abcdef")},
		{"console-links-wrong", templates.ConsoleLinks{
			ConsoleBase: consoleWrong("/console/links", "ticket", templates.ProblemConsoleLink), CanLink: true, Ticket: "a b", Lives: []string{"3d"},
		}},
		{"console-audit", sampleAudit()},
		{"console-audit-none", templates.ConsoleAudit{ConsoleBase: consoleBase("/console/audit")}},
		{"console-message", templates.ConsoleMessage{ConsoleBase: consoleBase(""), ID: templates.MessageForeignOrigin}},
		{"console-message-wait", templates.ConsoleMessage{ID: templates.MessageTooMany, Minutes: 7}},
	}
}

func sampleLinksPage(url string) templates.ConsoleLinks {
	return templates.ConsoleLinks{
		ConsoleBase: consoleBase("/console/links"), CanLink: true, URL: url, Ticket: "12345", Email: "ada@example.com",
		Situation: "unconfirmed", Language: "en", Life: "3d", Situations: []string{"unconfirmed", "unlinked-sales"},
		Languages: []string{"en"}, Lives: []string{"1d", "3d", "7d"},
		Macros: []templates.MacroText{{ID: "any", Title: "Can't sign in", Text: "Hello,\n\nhttps://help.acme.example/?ref={{ticket.id}} shows you what is wrong.\n"}},
	}
}

func sampleAudit() templates.ConsoleAudit {
	return templates.ConsoleAudit{
		ConsoleBase: consoleBase("/console/audit"), Paging: templates.Paging{Path: "/console/audit", Page: 1, Next: 2},
		Entries: []templates.ConsoleEntry{
			{At: at, Who: "grace (42)", Act: "resolved", Case: reference, Address: "3f2a9c01d4"},
			{At: at, Who: "grace (42)", Act: "agent-resent", Detail: "prove", Case: reference, Address: "3f2a9c01d4"},
			{At: at, Who: "grace (42)", Act: "agent-searched", Detail: "address", Address: "3f2a9c01d4"},
			{At: at, Who: "mallory (666)", Act: "agent-refused", Detail: "group"},
		},
	}
}

func sampleDryRun() templates.ConsoleDryRun {
	account := templates.ConsoleAccount{
		ID: "2000103", AtAddress: true, SignInOn: true, Origin: "sales", CreatedAt: at, ConfirmedAt: at, LastSignInAt: at, Subscriptions: 2, Applied: 1,
		Lines: []templates.ConsoleItem{{ID: "billing", Name: "b-1", Relation: "manager"}, {ID: "billing", Name: "b-2", Relation: "invited", State: "open", At: at}},
	}
	linked := templates.ConsoleAccount{ID: "2000104", ChangePending: true, Origin: "legacy", Identity: &templates.ConsoleIdentity{
		Provider: "gitlab", Subject: "7", State: "active", Email: "other", Two: true,
	}}
	return templates.ConsoleDryRun{
		ConsoleBase: consoleBase("/console/dry-run"), Address: "customery@example.com", At: at, Case: reference,
		General: []templates.ConsoleFinding{{
			TicketFinding: templates.TicketFinding{Situation: "different-email", Proofs: []string{"invoice"}},
			Order:         "bars", Actions: []string{"try-another-address", "hand-off"},
		}},
		Accounts: []templates.ConsoleOwned{{ID: "2000103", Ownership: "address", Findings: []templates.ConsoleFinding{{
			TicketFinding: templates.TicketFinding{
				Situation: "unlinked-sales", Facts: []templates.TicketFact{{Name: "identity", Value: "none"}}, Proofs: []string{"mailbox"},
			},
			Order: "hinders", Actions: []string{"sign-in", "email-sign-in-link", "hand-off"}, Forbids: []string{"resend-confirmation"},
		}}}},
		Checks: sampleChecks,
		Lines:  []templates.ConsoleLine{{Kind: "heading", Text: "Your account isn't linked"}, {Kind: "text", Text: "It came with an order."}, {Kind: "item", Text: "1. Sign in"}, {Kind: "button", Text: "Sign in"}, {Kind: "more", Text: "Why?"}},
		Facts: []templates.ConsoleFact{
			{ID: "accounts", State: "known", Accounts: []templates.ConsoleAccount{account}},
			{ID: "linked", State: "known", Accounts: []templates.ConsoleAccount{linked}},
			{ID: "identities", State: "not-asked"},
			{ID: "resets", State: "known", Lines: []templates.ConsoleItem{{ID: "reset-identity", At: at}, {ID: "no-reset-portal"}}},
			{ID: "contacts", State: "known", Lines: []templates.ConsoleItem{{ID: "billing", Name: "b-1", Relation: "sold-to", At: at}}},
			{ID: "invitations", State: "known", None: true},
			{ID: "suppressions", State: "failed", Why: "no answer in time"},
		},
	}
}

// The console's pages tell no customer's things to who is not signed in, and lead them nowhere.
func TestTheConsoleWithoutAnAgent(t *testing.T) {
	source := page(t, renderer(t), templates.ConsoleSignIn{ByToken: true})
	for _, inside := range []string{"/console/audit", "/console/links", "sign-out"} {
		if strings.Contains(source, inside) {
			t.Errorf("%s is offered to nobody", inside)
		}
	}
}

// Where a link cannot be made its form is not there.
func TestLinksWithoutAMaker(t *testing.T) {
	p := sampleLinksPage("")
	p.CanLink = false
	if strings.Contains(page(t, renderer(t), p), "make-link") {
		t.Error("a form that leads nowhere")
	}
}
