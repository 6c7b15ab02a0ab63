package templates

import (
	"math"
	"slices"
	"time"
)

// Mail is the data of one mail. Only this package's structs are mails.
type Mail interface {
	mail() string // the name of its templates: mail/<name>.txt and .html
}

// Rendered is a mail ready to go; Text and HTML say the same.
type Rendered struct {
	Subject, Text, HTML string
	unbroken            string
}

// Flowing is the text with no line broken, for where lines are broken when they are shown.
func (r Rendered) Flowing() string {
	if r.unbroken == "" {
		return r.Text
	}
	return wrap(r.unbroken, math.MaxInt)
}

// MailBase is what every mail has.
type MailBase struct {
	Reference string
	AskedAt   time.Time // when the act behind the mail happened
	Browser   string    // such as "Firefox on Windows"; "" if not known
}

// For is how long something works that works until a moment, from when it was asked for. A mail that says until
// when alone is read by the reader's own clock. The few seconds between two rows of one act do not count.
func (b MailBase) For(until time.Time) time.Duration {
	return until.Sub(b.AskedAt).Round(10 * time.Second)
}

// MailProof carries the code, and the link as a second way.
type MailProof struct {
	MailBase
	Code    string // eight digits; shown 4+4 whatever its spacing
	LinkURL string
	StopURL string
	Until   time.Time // code and link
}

func (MailProof) mail() string { return "prove" }

// MailSignIn carries a one-time sign-in link to the account's own address.
type MailSignIn struct {
	MailBase
	LinkURL   string
	DisownURL string
	Until     time.Time
}

func (MailSignIn) mail() string { return "sign-in" }

// MailConfirm carries the confirmation of the account's address.
type MailConfirm struct {
	MailBase
	LinkURL   string
	DisownURL string
	Until     time.Time
}

func (MailConfirm) mail() string { return "confirm" }

// MailSignedIn tells the owner of the account's address that somebody signed in.
type MailSignedIn struct {
	MailBase
	DisownURL string
}

func (MailSignedIn) mail() string { return "signed-in" }

// MailHandedOff is the customer's copy of a hand-off.
type MailHandedOff struct {
	MailBase
	Message    string
	Situations []string // ids, in the page's words
	Proofs     []string // as in Support
	Needs      []string
	DisownURL  string
}

func (MailHandedOff) mail() string { return "handed-off" }

// MailboxIsEnough reports whether support asks for nothing besides the proven mailbox.
func (m MailHandedOff) MailboxIsEnough() bool { return mailboxIsEnough(m.Proofs) }

// MailHandOffNotice tells the owner of an account that somebody else, who was shown the account, asked
// support about it. It holds nothing of what they wrote.
type MailHandOffNotice struct {
	MailBase
	DisownURL string
}

func (MailHandOffNotice) mail() string { return "hand-off-notice" }

// MailOtherAddress is the blind mail (R2): nothing in it but the start page's URL and the domain of who
// asked.
type MailOtherAddress struct {
	MailBase // Browser is not shown
	StartURL string
	Domain   string // of the address that asked
}

func (MailOtherAddress) mail() string { return "other-address" }

// MailTicket is the hand-off itself, to support.
type MailTicket struct {
	MailBase
	Address    string // the address looked at
	Language   string
	Link       *TicketLink // the support link by which the case began; nil without one
	Entry      string      // how the customer came: direct, link, macro, signed or form; "" where that is not known
	ConsoleURL string      // the page of the case for support; "" for none
	Message    string
	Said       *SymptomView // what the customer said they saw; Text is "" where the locales have the words
	Proofs     []TicketProof
	Identities []TicketIdentity
	Incomplete bool // the customer portal could not be asked
	NotLooked  bool // no diagnosis was ever made
	Findings   []TicketFinding
	Checks     []CheckView
	Steps      []TicketStep
	Deliveries []TicketDelivery
}

func (MailTicket) mail() string { return "ticket" }

// MailDisowned tells support that the owner of the mailbox says it wasn't them.
type MailDisowned struct{ MailTicket }

func (MailDisowned) mail() string { return "disowned" }

// MailOutcome tells support how a case ended that a support link bound to a ticket.
type MailOutcome struct {
	MailBase
	Outcome    string   // signed-in, got-in, not-in, unknown or disowned
	ConsoleURL string   // "" for none
	Situations []string // ids of what was found; none where nothing was
	Expected   string   // the situation that the agent expected; "" for none
}

// AsExpected reports whether what the agent expected is among what was found.
func (m MailOutcome) AsExpected() bool { return slices.Contains(m.Situations, m.Expected) }

func (MailOutcome) mail() string { return "outcome" }

// TicketLink is what a link in a support reply said.
type TicketLink struct {
	Ticket   string
	Signed   bool
	Expected string // the id of the situation that the agent expected; "" for none
}

// Signature says in a message's id whether what the link said can be relied on.
func (l TicketLink) Signature() string {
	if l.Signed {
		return "signed"
	}
	return "unsigned"
}

// TicketProof is a mailbox that the customer proved.
type TicketProof struct {
	Address string
	Via     string // code or link
	At      time.Time
}

// TicketIdentity is an identity that the customer signed in to, named by its id alone.
type TicketIdentity struct {
	Subject, Issuer string
	At              time.Time
}

// TicketFinding is a finding with its evidence and what support needs before it acts.
type TicketFinding struct {
	Situation string
	AccountID string // "" for a finding of the address itself
	Ownership string // why the account was shown: address or identity; "" where that is not known
	// Identity is the number of the linked identity, and BillingAccounts are those that the account is a member
	// of: what support unlinks, or adds somebody to. They are for support alone.
	Identity        string
	BillingAccounts []string
	Facts           []TicketFact
	Proofs          []string // ids: one of them is enough
	Needs           []string // ids: every one of them, besides
	// Disowned: the owner of the mailbox says that none of it was theirs. The finding is named, and nothing
	// tells the agent to let in whoever asked.
	Disowned bool
}

// MailboxIsEnough reports whether support asks for nothing besides the proven mailbox.
func (f TicketFinding) MailboxIsEnough() bool { return mailboxIsEnough(f.Proofs) }

// TicketFact is one observation behind a finding.
type TicketFact struct{ Name, Value string }

// TicketStep is one step of the case's audit trail.
type TicketStep struct {
	At     time.Time
	Act    string
	Detail string
}

// TicketDelivery is one mail of the case.
type TicketDelivery struct {
	Kind, State, Reason string
	At                  time.Time
}
