package recovery

import (
	"time"

	"latchkey/internal/account"
)

// Case is one customer's passage through Latchkey.
type Case struct {
	ID          string // never shown
	Reference   string // public, such as LK-7F3K-92QD; opens nothing
	CreatedAt   time.Time
	Language    string
	Entry       Entry
	Browser     string // the one it began in, such as "Firefox on Windows", for the customer's own mail
	Address     string // the address asked for or looked at now, as typed
	AddressHash string // of Address
	LastAct     string // the newest entry of the audit trail; with the proofs it decides the next page
	EndedAt     time.Time
	Ticket      string // the desk's ticket that a support link named, "" for none
	Expected    string // the situation that the support agent expected, "" for none
	Milestones  Milestones
}

// Bound reports whether the case belongs to a ticket by a signed support link. What a link without a
// signature says of a ticket is a mark for the report and no more.
func (c *Case) Bound() bool { return c != nil && c.Ticket != "" && c.Entry == EntrySigned }

// Open reports whether the case still takes steps. Only "this wasn't me" ends one before its retention.
func (c *Case) Open() bool { return c != nil && c.EndedAt.IsZero() }

// Entry is how a case came to be.
type Entry string

// The entries.
const (
	EntryDirect Entry = "direct" // the start page
	EntryLink   Entry = "link"   // a proof link used in a browser that did not ask for it
	EntryMacro  Entry = "macro"  // a support reply's link without a signature
	EntrySigned Entry = "signed" // a signed support link
	EntryForm   Entry = "form"   // the help centre, before its contact form
)

// Milestone is something that a case reached; it is kept with the first time that it did.
type Milestone string

// The milestones, as the report counts them.
const (
	MilestoneProven    Milestone = "proven"     // a mailbox was proven
	MilestoneExplained Milestone = "explained"  // the situation was shown
	MilestoneActed     Milestone = "acted"      // an action was taken
	MilestoneSignedIn  Milestone = "signed-in"  // the portal's one-time URL was handed over
	MilestoneGotIn     Milestone = "got-in"     // the customer said so
	MilestoneNotIn     Milestone = "not-in"     // the customer said they did not
	MilestoneHandedOff Milestone = "handed-off" // the case went to support
	MilestoneTicket    Milestone = "ticket"     // a ticket came from the address within 48 hours
	MilestoneChecked   Milestone = "checked"    // whether one did has been looked up
)

// Milestones are when a case first reached each; zero for not yet.
type Milestones struct {
	Proven, Explained, Acted, SignedIn, GotIn, NotIn, HandedOff, Ticket, Checked time.Time
}

// reach notes a milestone that a step of the customer reached, and keeps the first time of each.
func (m *Milestones) reach(milestone Milestone, at time.Time) {
	for _, own := range []struct {
		milestone Milestone
		at        *time.Time
	}{
		{MilestoneProven, &m.Proven},
		{MilestoneExplained, &m.Explained},
		{MilestoneActed, &m.Acted},
		{MilestoneSignedIn, &m.SignedIn},
		{MilestoneGotIn, &m.GotIn},
		{MilestoneNotIn, &m.NotIn},
		{MilestoneHandedOff, &m.HandedOff},
		{MilestoneTicket, &m.Ticket},
		{MilestoneChecked, &m.Checked},
	} {
		if own.milestone == milestone && own.at.IsZero() {
			*own.at = at
		}
	}
}

// Arrival is what the link said by which a browser came. It waits for the case that it begins, and stays
// with the browser beside it.
type Arrival struct {
	Entry    Entry  `json:"entry"`
	Ticket   string `json:"ticket,omitempty"`
	Expected string `json:"expected,omitempty"` // a situation
	Language string `json:"language,omitempty"`
	// Named is the keyed hash of the address that a signed link named, "" for none: proof mails to it have a
	// small budget of their own (R10).
	Named string `json:"named,omitempty"`
	// Until is when a signed link expires.
	Until time.Time `json:"until,omitzero"`
	// CaseID is the case that was begun by the link, or gone on with; "" until then.
	CaseID string `json:"case,omitempty"`
}

// Session is one browser's row. Its cookie holds a random id of which only the SHA-256 is stored.
type Session struct {
	// Lineage stays when the id changes, so that proofs need not move. No cookie holds it:
	// an id from before a proof leads nowhere afterwards.
	Lineage string
	IDHash  string // SHA-256 of the id in the cookie now
	CaseID  string
	Prefill string   // an address from a link, for the start page
	Arrival *Arrival // what that link said besides; nil for none
	Draft   string   // a message to support that could not be sent because the proof had lapsed
	// Held are challenges whose link was opened here and not yet pressed, by purpose.
	Held      map[Purpose]string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time

	// Row is the session's row as it was found; nil for a session that so far is only a cookie.
	Row *SessionRow
	// FormSeed is the part of the cookie that form tokens hang on. It outlives a change of id, so that
	// the forms of other tabs stay good; it is never stored.
	FormSeed string
	// NewCookie is set when the cookie has to change; it is never stored.
	NewCookie string
}

// SessionRow is what a session's row held when it was found. Two requests of one browser may be under way at once:
// by it, the one that is overtaken neither brings back a session that has ended nor an id from before a proof (R8).
// Nor does it bring back an address that was erased, or that another tab has used up.
type SessionRow struct{ IDHash, CaseID, Prefill string }

// Stored reports whether the session is more than a cookie.
func (s *Session) Stored() bool { return s.Row != nil }

// Purpose is what a challenge proves or grants.
type Purpose string

// The purposes.
const (
	PurposeProve   Purpose = "prove"
	PurposeSignIn  Purpose = "sign-in"
	PurposeConfirm Purpose = "confirm"
	PurposeStop    Purpose = "stop"
	PurposeDisown  Purpose = "disown"
)

// Challenge is something mailed that proves a mailbox or grants one act. Its code and link token are
// derived from ID and the key KeyID; neither is stored.
type Challenge struct {
	ID           string // in hex: the time it was made, and 80 random bits
	KeyID        string
	Purpose      Purpose
	CaseID       string
	Address      string // where it was mailed: the account's stored bytes, or the address as typed
	AddressHash  string // keyed hash of the canonical address
	AccountID    string // for sign-in and confirm
	CreatedAt    time.Time
	ExpiresAt    time.Time
	Tries        int // codes compared, and the one being compared
	UsedAt       time.Time
	ClaimedUntil time.Time

	derived bool // it has no row; see stopLink
}

// Live reports whether the challenge can still be used at now.
func (c Challenge) Live(now time.Time) bool { return c.UsedAt.IsZero() && now.Before(c.ExpiresAt) }

// Proof says that a browser showed the code, or used the link, of a prove challenge. It belongs to the
// session and the address, not to the case.
type Proof struct {
	Lineage     string
	CaseID      string
	Address     string
	AddressHash string
	Via         Via
	At          time.Time
	SeenAt      time.Time // moves the idle end
	ExpiresAt   time.Time // the absolute end
}

// Via is the way in which a mailbox was proven.
type Via string

// The two ways of one challenge.
const (
	ViaCode Via = "code"
	ViaLink Via = "link"
)

// valid reports whether the proof holds at now, given the longest idle time.
func (p Proof) valid(now time.Time, idle time.Duration) bool {
	return now.Before(p.ExpiresAt) && now.Before(p.SeenAt.Add(idle))
}

// HandOffKind tells the customer's request from "this wasn't me".
type HandOffKind string

// The kinds of hand-off; a case has at most one of each.
const (
	HandOffSupport HandOffKind = "support"
	HandOffDisown  HandOffKind = "disown"
)

// HandOff is a case that became a ticket.
type HandOff struct {
	CaseID      string
	Kind        HandOffKind
	Address     string
	AddressHash string // of Address
	Message     string
	Evidence    []byte // JSON of Evidence
	CreatedAt   time.Time
	Ticket      string // the desk's own number, once it is known
}

// OtherNotice is the row behind a blind mail: whom it goes to and all that it says of who asked. The job
// that looks for such addresses has one as well, with the address that asked.
type OtherNotice struct {
	ID          string
	Address     string // the account's stored bytes
	AddressHash string
	AskedDomain string
	CreatedAt   time.Time
}

// FoundRecord is a situation found in a case, kept for the hand-off and the report.
type FoundRecord struct {
	CaseID    string
	AccountID string
	Situation string
	At        time.Time
}

// AuditEntry is one step of a case. It holds the reference and a keyed hash, no address.
type AuditEntry struct {
	At          time.Time
	Reference   string
	Act         string
	AddressHash string
	Detail      string
	Actor       string // the support agent who did it; "" for the customer, or Latchkey itself
}

// Network is where a request came from, already cut to what limits use.
type Network struct {
	Client string // the IPv4 address, or the IPv6 /64
	Wide   string // its /24 or /48
}

// Visitor is who calls: the browser's session and where the request came from.
type Visitor struct {
	Session  *Session
	Network  Network
	Browser  string
	Language string

	// reached is where the transaction that this request has just made left the browser, for the next
	// Progress, which then asks the Store nothing.
	reached *Progress
}

// address parses what a row holds; rows hold only what passed ParseAddress or came from the portal.
func address(stored string) account.Address {
	a, err := account.ParseAddress(stored)
	if err != nil {
		return account.Address{}
	}
	return a
}
