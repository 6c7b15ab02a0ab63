package templates_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

// sampleSite is a vendor as configured by default in the demo.
var sampleSite = templates.Site{
	Vendor: "Acme", Portal: "Customers Portal", PortalURL: "https://customers.example.com",
	Identity: "GitLab.com", SupportContact: "support@acme.example", MailFrom: "latchkey@acme.example",
	PrivacyURL: "https://acme.example/privacy",
	StopFor:    30 * 24 * time.Hour,
}

func asset(name string) string { return "/assets/" + name }

// built is one Renderer for all tests: it is safe for concurrent use and never changes.
var built = sync.OnceValues(func() (*templates.Renderer, error) {
	return templates.New(templates.Options{Site: sampleSite, Asset: asset})
})

func renderer(t testing.TB) *templates.Renderer {
	t.Helper()
	r, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var at = time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)

const reference = "LK-7F3K-92QD"

func sampleBase(path string) templates.Base {
	return templates.Base{Path: path, FormToken: "form-token", Reference: reference, HasCase: true}
}

// wrong is sampleBase with one problem.
func wrong(path, field string, id templates.ProblemID) templates.Base {
	b := sampleBase(path)
	b.Problems = []templates.Problem{{Field: field, ID: id}}
	return b
}

type samplePage struct {
	name string
	page templates.Page
}

// samplePages are the pages of one customer and every way in which they can look.
func samplePages() []samplePage {
	waiting := templates.CheckEmail{
		Base: sampleBase("/check-email"), Address: "customerz@example.com", State: "delivered", ChangedAt: at,
		CodeUntil: at.Add(15 * time.Minute), CanResend: true, Sent: 1,
	}
	pages := []samplePage{
		{"start", templates.Start{Base: templates.Base{Path: "/", FormToken: "form-token"}}},
		{"start-wrong", templates.Start{Base: wrong("/", "email", templates.ProblemEmailForm), Email: "customerz at example"}},
		{"start-support", templates.Start{
			Base: templates.Base{Path: "/", FormToken: "form-token"}, Email: "customerz@example.com", FromSupport: true,
		}},
		{"start-suggestion", templates.Start{
			Base: sampleBase("/"), Email: "customerz@gmial.com", Suggestion: "customerz@gmail.com", HasProven: true,
		}},
		{"start-waits", templates.Start{Base: sampleBase("/"), HasProven: true, Waits: "customerz@example.com"}},
	}
	for _, state := range []string{"queued", "accepted", "delivered", "delayed", "failed"} {
		p := waiting
		p.State, p.CanResend = state, state != "queued"
		pages = append(pages, samplePage{"check-email-" + state, p})
	}
	expired, locked, lost, code, typo := waiting, waiting, waiting, waiting, waiting
	expired.Expired, locked.Locked = true, true
	newer := locked
	newer.Base = wrong("/check-email", "code", templates.ProblemCodeForm)
	lost.State, lost.Base = "failed", wrong("/check-email", "code", templates.ProblemCodeWrong)
	typo.Address, typo.Suggestion, typo.Sent = "customerz@gmial.com", "customerz@gmail.com", 2
	code.Base = wrong("/check-email", "code", templates.ProblemCodeWrong)
	letters := waiting
	letters.Address, letters.Domain, letters.InLetters = "z@xn--mller-kva.example", "xn--mller-kva.example", "müller.example"
	return append(pages,
		samplePage{"check-email-expired", expired},
		samplePage{"check-email-locked", locked}, samplePage{"check-email-locked-newer", newer},
		samplePage{"check-email-failed-wrong", lost},
		samplePage{"check-email-wrong", code},
		samplePage{"check-email-suggestion", typo}, samplePage{"check-email-letters", letters},
		samplePage{"delivery", templates.Delivery{CheckEmail: waiting}},
		samplePage{"link-dead", templates.LinkDead{Base: sampleBase("/prove"), Purpose: "prove"}},
		samplePage{"link-dead-support", templates.LinkDead{Base: templates.Base{Path: "/s/:token", FormToken: "form-token"}, FromSupport: true}},
		samplePage{"link-dead-confirm", templates.LinkDead{Base: sampleBase("/confirm"), Purpose: "confirm"}},
		samplePage{"link-dead-stop", templates.LinkDead{Base: sampleBase("/stop"), Purpose: "stop"}},
		samplePage{"done-stop", templates.Done{Base: sampleBase("/stop"), Purpose: "stop"}},
		samplePage{"done-disown", templates.Done{Base: sampleBase("/disown"), Purpose: "disown"}},
	)
}

// sampleLinks are the pages behind a mail's links.
func sampleLinks() []samplePage {
	var pages []samplePage
	for _, purpose := range []string{"prove", "sign-in", "confirm", "stop", "disown"} {
		here := templates.Link{Base: sampleBase("/" + purpose), Purpose: purpose, Address: "customerz@example.com"}
		elsewhere := templates.Link{
			Base: wrong("/"+purpose, "email", templates.ProblemEmailOther), Purpose: purpose, AskAddress: true,
			Email: "other@example.com",
		}
		pages = append(pages, samplePage{"link-" + purpose, here}, samplePage{"link-" + purpose + "-elsewhere", elsewhere})
	}
	return pages
}

// sampleFindings are findings as the handlers make them, by situation: those of the registry.
var sampleFindings = func() map[string]templates.FindingView {
	found := map[string]templates.FindingView{}
	for _, s := range diagnosis.All() {
		var actions []templates.ActionView
		for _, a := range append(slices.Clone(s.Offers), diagnosis.HandOff) {
			if len(actions) == 0 || a != s.Offers[0] {
				actions = append(actions, action(string(a)))
			}
		}
		f := finding(string(s.ID), string(s.Drawing), actions...)
		f.Neutral, f.Proofs = s.Neutral, nil
		for _, p := range s.Proofs {
			f.Proofs = append(f.Proofs, string(p))
		}
		if len(s.Variants) > 0 {
			f.Variant = s.Variants[0]
		}
		found[f.Situation] = f
	}
	found["unconfirmed"].Actions[0].Mailed = &templates.MailedView{State: "delivered", At: at}
	return found
}()

// ofNoAccount reports whether a finding stands with no account of its own.
func ofNoAccount(id string) bool {
	s, _ := diagnosis.ByID(diagnosis.ID(id))
	return s.Scope&diagnosis.OfAccount == 0
}

func action(id string) templates.ActionView { return templates.ActionView{ID: id, AccountID: "7"} }

func finding(situation, drawing string, actions ...templates.ActionView) templates.FindingView {
	actions[0].Primary = true
	f := templates.FindingView{
		Situation: situation, Drawing: drawing,
		AccountAddress: "customerz@example.com", Actions: actions, At: at,
		Proofs: []string{"contact-approval", "invoice", "group-owner"}, HasSupportSteps: true,
	}
	if drawing == "joined" {
		f.IdentityAddress = f.AccountAddress
	}
	if ofNoAccount(situation) {
		f.AccountAddress = ""
	}
	return f
}

var sampleChecks = []templates.CheckView{
	{ID: "address-confirmed", State: templates.CheckRight},
	{ID: "sign-in-enabled", State: templates.CheckRight},
	{ID: "billing-account", State: templates.CheckRight},
	{ID: "resets", State: templates.CheckFailed},
}

var sampleSymptoms = []templates.SymptomView{
	{ID: "saw-email-has-already-been-taken", Text: "“Email has already been taken”"},
	{ID: "saw-two", Text: "“Your account is already linked to another billing account, and cannot be associated with two billing accounts at the same time”"},
	{ID: "owner-left", Text: "The person who had this account has left"},
}

// variantsOf are the faces of a situation by a name for each; it has one at least.
func variantsOf(id string) map[string]string {
	s, _ := diagnosis.ByID(diagnosis.ID(id))
	if len(s.Variants) == 0 {
		return map[string]string{id: ""}
	}
	names := map[string]string{}
	for _, v := range s.Variants {
		names[id+"-"+v] = v
	}
	return names
}

// sampleSituations are /situation with each finding, and what else it can show.
func sampleSituations() []samplePage {
	empty := templates.Situation{Base: sampleBase("/situation"), Address: "customerz@example.com"}
	var pages []samplePage
	for id, f := range sampleFindings {
		p := empty
		situation, _ := diagnosis.ByID(diagnosis.ID(id))
		p.Checks, p.AllRight, p.Inside = sampleChecks, id == "ready", situation.Inside
		for name, variant := range variantsOf(id) {
			f.Variant = variant
			if ofNoAccount(id) {
				p.General = []templates.FindingView{f}
			} else {
				p.Accounts = []templates.AccountView{{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{f}}}
			}
			pages = append(pages, samplePage{"situation-" + name, p})
		}
	}
	incomplete, several := empty, empty
	incomplete.Incomplete = true
	failed := incomplete
	failed.Base, failed.Again = wrong("/situation", "", templates.ProblemPortal), &templates.ActionView{ID: "resend-confirmation", AccountID: "7"}
	second := sampleFindings["linked-email-mismatch"]
	second.AccountAddress, second.IdentityAddress = "billing.department@subsidiary.example.com", "customerz@example.com"
	second.Through, second.Elsewhere = second.IdentityAddress, true
	second.Actions = []templates.ActionView{action("email-sign-in-link"), action("hand-off")}
	second.Actions[0].Through = second.Through
	several.Accounts = []templates.AccountView{
		{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{sampleFindings["unlinked-sales"]}},
		{ID: "8", Address: second.AccountAddress, ByIdentity: true, Findings: []templates.FindingView{second}, MadeAt: at, UsedAt: at},
	}
	several.Others, several.HandedOff, several.Checks = []string{"customer.z@example.com"}, true, sampleChecks
	several.Base = wrong("/situation", "", templates.ProblemPortal)
	asked, said := several, several
	asked.Symptoms = sampleSymptoms
	said.Symptoms = sampleSymptoms
	said.Told = &templates.ToldView{SymptomView: sampleSymptoms[1], Signs: []string{"linked-email-mismatch", "two-billing-accounts"}}
	unlike, ready := empty, sampleFindings["ready"]
	unlike.Accounts = []templates.AccountView{{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{ready}}}
	unlike.AllRight, unlike.Symptoms = true, sampleSymptoms
	unlike.Told = &templates.ToldView{SymptomView: sampleSymptoms[0], Signs: []string{"different-email", "unlinked-legacy"}, Another: true}
	identity, own := several, several
	identity.Identity = &templates.IdentityView{Offered: true}
	own.Identity = &templates.IdentityView{Offered: true, Own: []templates.OwnIdentity{
		{Address: "customerz.at.gitlab@subsidiary.example.com", At: at}, {At: at, Unlinked: true},
	}}
	expected, unexpected, triedIn, in, notIn := several, several, several, several, several
	expected.Base, unexpected.Base = sampleBase("/situation"), sampleBase("/situation")
	triedIn.Base, in.Base, notIn.Base = sampleBase("/situation"), sampleBase("/situation"), sampleBase("/situation")
	expected.HandedOff, unexpected.HandedOff, triedIn.HandedOff, in.HandedOff, notIn.HandedOff = false, false, false, false, false
	expected.Expected = &templates.ExpectedView{}
	unexpected.Expected = &templates.ExpectedView{Other: true}
	waits := triedIn
	waits.Accounts = []templates.AccountView{{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{sampleFindings["unconfirmed"]}}}
	waits.AsksGotIn, waits.MailWaits = true, true
	triedIn.AsksGotIn, triedIn.SignedInLast, in.GotIn, notIn.GotIn = true, true, "yes", "no"
	byIdentity := several
	byIdentity.Accounts, byIdentity.NoneHere = several.Accounts[1:], true
	pages = append(pages, samplePage{"situation-none-here", byIdentity}, samplePage{"situation-expected", expected}, samplePage{"situation-unexpected", unexpected},
		samplePage{"situation-tried", triedIn}, samplePage{"situation-mail-waits", waits}, samplePage{"situation-in", in}, samplePage{"situation-not-in", notIn})
	return append(pages, samplePage{"situation-incomplete", incomplete}, samplePage{"situation-failed", failed}, samplePage{"situation-several", several},
		samplePage{"situation-asked", asked}, samplePage{"situation-said", said}, samplePage{"situation-said-nothing-like-it", unlike},
		samplePage{"situation-identity", identity}, samplePage{"situation-own-identity", own})
}

// sampleRest is the hand-off, the help and the pages that say one thing.
func sampleRest() []samplePage {
	support := templates.Support{
		Base: sampleBase("/support"), Address: "customerz@example.com",
		Situations: []string{"linked-email-mismatch", "unlinked-sales"},
	}
	support.Proofs, support.Needs = []string{"contact-approval", "licence-text", "group-owner"}, []string{"identity-owner"}
	tooLong, filed, apart, enough := support, support, support, support
	enough.Proofs, enough.Needs, enough.Filed, enough.FiledAt = []string{"mailbox"}, nil, true, at
	tooLong.Base = wrong("/support", "message", templates.ProblemMessageEmpty)
	support.Said = sampleSymptoms[1].Text
	support.Identities = []templates.OwnIdentity{{Address: "customerz@subsidiary.example.com", At: at}}
	filed.Filed, filed.FiledAt, filed.Message = true, at, "I bought this for our team.\nNow I can't get in."
	apart.Filed, apart.FiledAt, apart.Apart, apart.Address = true, at, true, ""
	pages := []samplePage{
		{"support", support},
		{"support-wrong", tooLong},
		{"support-filed", filed},
		{"support-filed-apart", apart},
		{"support-filed-enough", enough},
		{"help-found", helpFor("“Email has already been taken”", "different-email", "unlinked-legacy")},
		{"help-words", byWords(helpFor("never arrives", "different-email", "unlinked-legacy"))},
		{"help-unknown", helpFor("<b>Guru Meditation</b> & more")},
		{"help-index", templates.HelpIndex{Base: templates.Base{Path: "/help"}, Topics: []string{"unconfirmed", "different-email"}}},
	}
	for id, f := range sampleFindings {
		f.Actions, f.AccountAddress, f.IdentityAddress, f.Variant, f.At = nil, "", "", "", time.Time{}
		pages = append(pages, samplePage{"help-" + id, templates.Help{Base: templates.Base{Path: "/help/" + id}, Finding: f}})
	}
	for _, id := range allMessages() {
		pages = append(pages, samplePage{"message-" + string(id), templates.Message{ID: id}})
	}
	return append(pages, samplePage{"message-too-many-in", templates.Message{ID: templates.MessageTooMany, Minutes: 7}})
}

// helpFor is the help's first page for a message that somebody saw.
func helpFor(saw string, found ...string) templates.HelpIndex {
	return templates.HelpIndex{
		Base: templates.Base{Path: "/help"}, Topics: []string{"unconfirmed", "different-email"}, Asked: true, Saw: saw,
		Found: found, Messages: []string{sampleSymptoms[0].Text, sampleSymptoms[1].Text},
	}
}

// byWords is the same for words that the situations have.
func byWords(p templates.HelpIndex) templates.HelpIndex {
	p.ByWords = true
	return p
}

func allSamples() []samplePage {
	pages := append(samplePages(), sampleLinks()...)
	pages = append(pages, sampleSituations()...)
	pages = append(pages, sampleConsole()...)
	return append(pages, sampleRest()...)
}
