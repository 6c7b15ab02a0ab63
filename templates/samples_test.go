package templates_test

import (
	"sync"
	"testing"
	"time"

	"latchkey/templates"
)

// sampleSite is a vendor as configured by default in the demo.
var sampleSite = templates.Site{
	Vendor: "Acme", Portal: "Customers Portal", PortalURL: "https://customers.example.com",
	Identity: "GitLab.com", IdentityURL: "https://gitlab.com", SupportContact: "support@acme.example", MailFrom: "latchkey@acme.example",
	PrivacyURL: "https://acme.example/privacy", PublicURL: "https://help.acme.example",
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
		{"start-suggestion", templates.Start{
			Base: sampleBase("/"), Email: "customerz@gmial.com", Suggestion: "customerz@gmail.com", HasProven: true,
		}},
	}
	for _, state := range []string{"queued", "accepted", "delivered", "delayed", "failed"} {
		p := waiting
		p.State, p.CanResend = state, state != "queued"
		pages = append(pages, samplePage{"check-email-" + state, p})
	}
	expired, code, typo := waiting, waiting, waiting
	expired.Expired = true
	typo.Address, typo.Suggestion, typo.Sent = "customerz@gmial.com", "customerz@gmail.com", 2
	code.Base = wrong("/check-email", "code", templates.ProblemCodeWrong)
	return append(pages,
		samplePage{"check-email-expired", expired}, samplePage{"check-email-wrong", code},
		samplePage{"check-email-suggestion", typo},
		samplePage{"delivery", templates.Delivery{CheckEmail: waiting}},
		samplePage{"link-dead", templates.LinkDead{Base: sampleBase("/prove"), Purpose: "prove"}},
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

// sampleFindings are findings as the handlers make them, by situation.
var sampleFindings = map[string]templates.FindingView{
	"ready": finding("ready", "joined", action("sign-in"), action("email-sign-in-link")),
	"reset-on-wrong-site": finding("reset-on-wrong-site", "wrong-site", action("sign-in"),
		action("email-sign-in-link"), action("hand-off")),
	"unconfirmed": finding("unconfirmed", "unconfirmed", templates.ActionView{
		ID: "resend-confirmation", AccountID: "7", Primary: true, Mailed: &templates.MailedView{State: "delivered", At: at},
	}, action("hand-off")),
	"different-email": finding("different-email", "no-account", action("try-another-address"),
		action("mail-other-address"), action("hand-off")),
	"unlinked-legacy": finding("unlinked-legacy", "missing", action("sign-in"), action("email-sign-in-link"), action("hand-off")),
	"unlinked-sales":  finding("unlinked-sales", "missing", action("sign-in"), action("email-sign-in-link"), action("hand-off")),
	"linked-email-mismatch": finding("linked-email-mismatch", "other", action("sign-in"), action("email-sign-in-link"),
		action("hand-off")),
	"sign-in-disabled": finding("sign-in-disabled", "unknown", action("hand-off")),
}

func action(id string) templates.ActionView { return templates.ActionView{ID: id, AccountID: "7"} }

func finding(situation, drawing string, actions ...templates.ActionView) templates.FindingView {
	actions[0].Primary = true
	f := templates.FindingView{
		Situation: situation, Drawing: drawing, Neutral: situation == "sign-in-disabled",
		AccountAddress: "customerz@example.com", Actions: actions, At: at,
		Proofs: []string{"contact-approval", "invoice", "group-owner"}, HasSupportSteps: true,
	}
	if drawing == "joined" {
		f.IdentityAddress = f.AccountAddress
	}
	if drawing == "no-account" {
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

// sampleSituations are /situation with each finding, and what else it can show.
func sampleSituations() []samplePage {
	empty := templates.Situation{Base: sampleBase("/situation"), Address: "customerz@example.com"}
	var pages []samplePage
	for id, f := range sampleFindings {
		p := empty
		p.Checks, p.AllRight = sampleChecks, id == "ready"
		if id == "different-email" {
			p.General = []templates.FindingView{f}
		} else {
			p.Accounts = []templates.AccountView{{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{f}}}
		}
		pages = append(pages, samplePage{"situation-" + id, p})
	}
	incomplete, several := empty, empty
	incomplete.Incomplete = true
	second := sampleFindings["linked-email-mismatch"]
	second.AccountAddress, second.IdentityAddress = "billing.department@subsidiary.example.com", "customerz@example.com"
	second.Actions = []templates.ActionView{action("email-sign-in-link"), action("hand-off")}
	several.Accounts = []templates.AccountView{
		{ID: "7", Address: "customerz@example.com", Findings: []templates.FindingView{sampleFindings["unlinked-sales"]}},
		{ID: "8", Address: second.AccountAddress, ByIdentity: true, Findings: []templates.FindingView{second}},
	}
	several.Others, several.HandedOff, several.Checks = []string{"customer.z@example.com"}, true, sampleChecks
	several.Base = wrong("/situation", "", templates.ProblemPortal)
	return append(pages, samplePage{"situation-incomplete", incomplete}, samplePage{"situation-several", several})
}

// sampleRest is the hand-off, the help and the pages that say one thing.
func sampleRest() []samplePage {
	support := templates.Support{
		Base: sampleBase("/support"), Address: "customerz@example.com", MaxLength: 4000,
		Situations: []string{"linked-email-mismatch", "unlinked-sales"},
	}
	tooLong, filed := support, support
	tooLong.Base = wrong("/support", "message", templates.ProblemMessageEmpty)
	filed.Filed, filed.FiledAt, filed.Message = true, at, "I bought this for our team.\nNow I can't get in."
	pages := []samplePage{
		{"support", support},
		{"support-wrong", tooLong},
		{"support-filed", filed},
		{"help-index", templates.HelpIndex{Base: templates.Base{Path: "/help"}, Topics: []string{"unconfirmed", "different-email"}}},
	}
	for id, f := range sampleFindings {
		f.Actions, f.AccountAddress, f.IdentityAddress, f.At = nil, "", "", time.Time{}
		pages = append(pages, samplePage{"help-" + id, templates.Help{Base: templates.Base{Path: "/help/" + id}, Finding: f}})
	}
	for _, id := range templates.AllMessages() {
		pages = append(pages, samplePage{"message-" + string(id), templates.Message{ID: id}})
	}
	return append(pages, samplePage{"message-too-many-in", templates.Message{ID: templates.MessageTooMany, Minutes: 7}})
}

func allSamples() []samplePage {
	pages := append(samplePages(), sampleLinks()...)
	pages = append(pages, sampleSituations()...)
	return append(pages, sampleRest()...)
}
