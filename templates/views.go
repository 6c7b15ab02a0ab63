package templates

import (
	"slices"
	"time"
)

// AccountView is an account whose ownership is established.
type AccountView struct {
	ID         string
	Address    string // the account's own
	ByIdentity bool   // it is shown because the proven address is that of the linked identity
	Findings   []FindingView

	MadeAt, UsedAt time.Time // when it was made and last signed in to; zero for not known
}

// FindingView is a situation found, or explained on a help page. Its words are situation.<Situation>.*.
type FindingView struct {
	Situation string
	Variant   string // which of the situation's faces it is; "" where it has none, or on a help page
	Drawing   string // an id of diagnosis.Drawing
	Neutral   bool   // nothing is said of the cause
	// AccountAddress is the account's address; "" where there is none or no case.
	AccountAddress string
	// IdentityAddress is the identity's, only where its ownership is established; "" reads as
	// "another email" where the drawing says that there is one (R2).
	IdentityAddress string
	// Own says of an account that is linked to no identity whether one of the customer's is known, OwnKnown, and
	// is linked to another account of theirs, OwnTaken; else "".
	Own string
	// Through is what the customer knows the identity of theirs by that opens the account, by signing in with it
	// at the customer portal; "" where none does.
	Through         string
	Instead         string       // as in Situation
	Elsewhere       bool         // the account is at another address than the proven one
	Confirmed       bool         // its address wasn't confirmed when the customer came, and is now
	Actions         []ActionView // best first
	At              time.Time    // when the mail behind the finding was sent; zero where there is none
	From            string       // the domain that sent it; "" where it is not known
	Proofs          []string     // ids of what support accepts
	Needs           []string     // ids of what it asks for besides, every one of them
	HasSupportSteps bool         // situation.<id>.support exists
	After           bool         // nothing of it can be done before what stands above
	Mailed          bool         // a mail that puts it right is there to be opened
}

// What is known of an identity of the customer's where the account is linked to none.
const (
	OwnKnown = "known"
	OwnTaken = "taken"
)

// ActionView is something Latchkey does for the customer, as a form or a link.
type ActionView struct {
	ID        string // the data-action hook; an id of diagnosis.Action
	AccountID string // for sign-in, email-sign-in-link, resend-confirmation
	Primary   bool   // the page's one primary button; at most one on a page
	Through   string // as in FindingView, where that way in comes before this one; "" for nothing
	Mailed    *MailedView
}

// MailedView is the newest mail that the action caused.
type MailedView struct {
	State string // queued, accepted, delivered, delayed, failed
	At    time.Time
}

// IdentityView is what /situation says of the customer's own identities, and the button to show one more.
type IdentityView struct {
	Offered bool
	Known   bool          // an identity is shown to be theirs already, by its email
	Own     []OwnIdentity // newest first
}

// HasSection reports whether there is something to say or to press beside what stands at the top: an identity that is
// linked to no account changes nothing below, so it is told of there.
func (v IdentityView) HasSection() bool {
	return v.Offered || slices.ContainsFunc(v.Own, func(own OwnIdentity) bool { return !own.Unlinked })
}

// OwnIdentity is an identity that the customer signed in to.
type OwnIdentity struct {
	Address  string // "" where its provider knows of none that is verified
	At       time.Time
	Unlinked bool // it is certain that no account is linked to it
}

// ExpectedView says whether a finding is what the support agent expected who sent the link. What that was is
// not said.
type ExpectedView struct {
	Other bool // none is: what was found instead stands below
}

// CheckView is one line of what was checked: check.<ID>.right or check.<ID>.failed.
type CheckView struct {
	ID    string
	State string // CheckRight or CheckFailed
}

// The states of a check.
const (
	CheckRight  = "right"
	CheckFailed = "could-not-be-made"
)

// Section is one account's findings, or those of the address itself.
type Section struct {
	Account  *AccountView // nil for the address itself, or where there is one account only
	Which    Which
	Findings []FindingPart
}

// Which tells an account from the others on the page: they may be at one address.
type Which struct{ Number, Of int }

// Told reports whether there are others.
func (w Which) Told() bool { return w.Of > 1 }

// FindingPart is a finding as the page shows it.
type FindingPart struct {
	FindingView
	Key     string // tells two findings of one situation apart
	Which   Which  // account it is of
	Primary *ActionPart
	Further []ActionPart
	HandOff *ActionPart
	Explain bool // the page is the explanation: what else is closed stands open

	// Lead: it is of all accounts together, and what to do stands with each of them below.
	Lead bool
	// Untitled: the page's own heading says it already.
	Untitled  bool
	HandedOff bool
}

// ActionPart is an action as a form or a link.
type ActionPart struct {
	ActionView
	Key     string
	Token   string // the form's
	Path    string
	Address string // the account's own, where the action mails it
	Which   Which
	Filed   bool // the hand-off is made: its link leads to what became of it
	Waits   bool // its mail is there to be opened: sending one more comes second
	AtTop   bool // what became of its mail is said at the top of the page, and not here as well
}

// Opens reports whether the way to the customer portal by an identity comes before the action.
func (a ActionPart) Opens(site Site) bool { return a.Through != "" && site.PortalURL != "" }

// Second is the action where something else on the page helps more: its button doesn't stand out.
func (a ActionPart) Second() ActionPart {
	a.Primary = false
	return a
}

const mailOtherAddress = "mail-other-address"

// actionPaths are where the actions' forms and links lead.
var actionPaths = map[string]string{
	"sign-in":             "/situation/sign-in",
	"email-sign-in-link":  "/situation/sign-in-link",
	"resend-confirmation": "/situation/confirmation",
	mailOtherAddress:      "/situation/other-address",
	"try-another-address": "/",
	"hand-off":            "/support",
}

// Sections are the findings of the address, or of all accounts together, and then those of each account.
func (s Situation) Sections() []Section {
	var out []Section
	if len(s.General) > 0 {
		out = append(out, Section{Findings: s.parts(s.General, "x")})
	}
	for i := range s.General {
		out[0].Findings[i].Lead = len(s.Accounts) > 0
	}
	for i, a := range s.Accounts {
		section := Section{Which: Which{i + 1, len(s.Accounts)}, Findings: s.parts(a.Findings, string(rune('a'+i%26)))}
		if section.Which.Told() || a.ByIdentity {
			section.Account = &a
		}
		for i := range section.Findings {
			section.Findings[i].tell(section.Which)
		}
		out = append(out, section)
	}
	if s.AllRight && len(out) == 1 && len(out[0].Findings) == 1 {
		out[0].Findings[0].Untitled = true
	}
	return out
}

func (s Situation) parts(findings []FindingView, key string) []FindingPart {
	out := make([]FindingPart, len(findings))
	for i, f := range findings {
		part := FindingPart{
			FindingView: f, Key: f.Situation + "-" + key,
			HandedOff: s.HandedOff,
		}
		for _, a := range f.Actions {
			if s.OtherAddressAsked && a.ID == mailOtherAddress {
				continue // the page's top says it instead
			}
			part.take(ActionPart{
				ActionView: a, Key: a.ID + "-" + part.Key, Token: s.FormToken, Path: actionPaths[a.ID],
				Address: f.AccountAddress, Filed: s.HandedOff && a.ID == "hand-off",
				Waits: s.waits(a), AtTop: s.atTop(a.Mailed),
			})
			part.Mailed = part.Mailed || s.waits(a)
		}
		out[i] = part
	}
	return out
}

// OtherAsked reports whether the page says that similar addresses are written to: it was asked for, and would be
// offered.
func (s Situation) OtherAsked() bool {
	return s.OtherAddressAsked && slices.ContainsFunc(s.General, func(f FindingView) bool {
		return slices.ContainsFunc(f.Actions, func(a ActionView) bool { return a.ID == mailOtherAddress })
	})
}

// Retry is the button that was pressed, where nothing could be looked up since.
func (s Situation) Retry() *ActionPart {
	if s.Again == nil {
		return nil
	}
	return &ActionPart{ActionView: *s.Again, Token: s.FormToken, Path: actionPaths[s.Again.ID]}
}

// MailboxIsEnough reports whether support asks for nothing besides the proven mailbox.
func (f FindingView) MailboxIsEnough() bool { return mailboxIsEnough(f.Proofs) }

func mailboxIsEnough(proofs []string) bool { return len(proofs) == 1 && proofs[0] == "mailbox" }

// IDs are the ids of proofs and the like as views have them: this package knows none of their types.
func IDs[ID ~string](all []ID) []string {
	var out []string
	for _, id := range all {
		out = append(out, string(id))
	}
	return out
}

// tell has the heading and the buttons say which account they are about: who hears the page goes from one to the next.
func (p *FindingPart) tell(which Which) {
	p.Which = which
	if p.Primary != nil {
		p.Primary.Which = which
	}
	for i := range p.Further {
		p.Further[i].Which = which
	}
}

// take puts an action where it belongs: one primary, the hand-off last.
func (p *FindingPart) take(a ActionPart) {
	switch {
	case a.Primary && p.Primary == nil:
		p.Primary = &a
	case a.ID == "hand-off":
		p.HandOff = &a
	default:
		p.Further = append(p.Further, a)
	}
}

// Neutral reports whether the page says nothing of any cause: support alone can help.
func (s Situation) Neutral() bool {
	all, neutral := s.neutral()
	return all > 0 && all == neutral
}

// AnyNeutral reports whether the page says nothing of some cause.
func (s Situation) AnyNeutral() bool {
	_, neutral := s.neutral()
	return neutral > 0
}

func (s Situation) neutral() (all, neutral int) {
	for _, section := range s.Sections() {
		for _, f := range section.Findings {
			all++
			if f.Neutral {
				neutral++
			}
		}
	}
	return all, neutral
}

// Right are the checks that came out right.
func (s Situation) Right() []CheckView { return s.checks(CheckRight) }

// NotMade are the checks that could not be made.
func (s Situation) NotMade() []CheckView { return s.checks(CheckFailed) }

func (s Situation) checks(state string) []CheckView {
	var out []CheckView
	for _, c := range s.Checks {
		if c.State == state {
			out = append(out, c)
		}
	}
	return out
}

// Part is the finding as the help page shows it.
func (h Help) Part() FindingPart {
	return FindingPart{FindingView: h.Finding, Key: h.Finding.Situation, Explain: true}
}
