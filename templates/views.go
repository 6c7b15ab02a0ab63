package templates

import "time"

// AccountView is an account whose ownership is established.
type AccountView struct {
	ID         string
	Address    string // the account's own
	ByIdentity bool   // it is shown because the proven address is that of the linked identity
	Findings   []FindingView
}

// FindingView is a situation found, or explained on a help page. Its words are situation.<Situation>.*.
type FindingView struct {
	Situation string
	Drawing   string // an id of diagnosis.Drawing
	Neutral   bool   // nothing is said of the cause
	// AccountAddress is the account's address; "" where there is none or no case.
	AccountAddress string
	// IdentityAddress is the identity's, only where its ownership is established; "" reads as
	// "another email" where the drawing says that there is one (R2).
	IdentityAddress string
	Actions         []ActionView // best first
	At              time.Time    // when the mail behind the finding was sent; zero where there is none
	Proofs          []string     // ids of what support accepts
	HasSupportSteps bool         // situation.<id>.support exists
}

// ActionView is something Latchkey does for the customer, as a form or a link.
type ActionView struct {
	ID        string // the data-action hook; an id of diagnosis.Action
	AccountID string // for sign-in, email-sign-in-link, resend-confirmation
	Primary   bool   // the page's one primary button; at most one on a page
	Mailed    *MailedView
}

// MailedView is the newest mail that the action caused.
type MailedView struct {
	State string // queued, accepted, delivered, delayed, failed
	At    time.Time
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
