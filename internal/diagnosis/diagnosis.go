package diagnosis

import (
	"time"

	"latchkey/internal/account"
)

// ID is a situation's slug; it is also the last part of its help page's path, /help/<id>.
type ID string

// Action is something Latchkey does for the customer; its value is the data-action hook in the markup.
type Action string

// The actions.
const (
	SignIn             Action = "sign-in"             // sign in now: only where the proven address is the account's own (R3)
	EmailSignInLink    Action = "email-sign-in-link"  // a one-time link to the account's own address
	ResendConfirmation Action = "resend-confirmation" // to the account's own address
	MailOtherAddress   Action = "mail-other-address"  // blind (R2)
	TryAnotherAddress  Action = "try-another-address" // in the same case
	HandOff            Action = "hand-off"            // to support; never forbidden
)

// Drawing is the picture of account, identity and the link between them that goes with a finding.
type Drawing string

// The drawings.
const (
	DrawJoined      Drawing = "joined"      // account and identity, linked, same address
	DrawMissing     Drawing = "missing"     // account, and no link to any identity
	DrawOther       Drawing = "other"       // account linked to an identity with another email
	DrawUnconfirmed Drawing = "unconfirmed" // account whose address waits for its confirmation
	DrawNoAccount   Drawing = "no-account"  // an address without an account
	DrawUnknown     Drawing = "unknown"     // neutral: the two boxes and no statement about them
	DrawWrongSite   Drawing = "wrong-site"  // a reset made at the identity that never reaches the account
)

// Proof is one thing that support accepts as proof of ownership before it acts.
type Proof string

// What support accepts; any one is enough. FACTS of the support desk: screenshots, activation mails and
// staff vouching are not among them.
const (
	ProofContactApproval Proof = "contact-approval" // approval by an existing contact, never named
	ProofPriorContract   Proof = "prior-contract"
	ProofInvoice         Proof = "invoice" // under 12 months old
	ProofLicenceText     Proof = "licence-text"
	ProofGroupOwner      Proof = "group-owner" // the group owner's API output
	ProofReseller        Proof = "reseller"
	ProofIdentityOwner   Proof = "identity-owner" // the identity's owner verified
	ProofMailbox         Proof = "mailbox"        // the proven mailbox is enough
)

// Known is an answer from another system, or the lack of one. The zero value is "not asked".
type Known[T any] struct {
	Value  T
	Asked  bool // the check is configured and was tried
	Failed bool // it was tried and gave no usable answer
}

// Answer is a look-up that worked.
func Answer[T any](v T) Known[T] { return Known[T]{Value: v, Asked: true} }

// NoAnswer is a look-up that was tried and failed.
func NoAnswer[T any]() Known[T] { return Known[T]{Asked: true, Failed: true} }

// OK reports whether the value may be relied on.
func (k Known[T]) OK() bool { return k.Asked && !k.Failed }

// Resets are the newest password reset mails that the mail log knows for the address; zero means none.
type Resets struct {
	Identity time.Time // sent by the identity provider's mail domains
	Portal   time.Time // sent by the customer portal's own
}

// Facts are all that is known about one proven address.
type Facts struct {
	Address account.Address
	Now     time.Time
	// Accounts are those whose address is Address.
	Accounts Known[[]account.Account]
	// Linked are accounts with another address whose identity has Address as its current, verified
	// email: owning the identity establishes them (R2).
	Linked Known[[]account.Account]
	Resets Known[Resets]
}

// Evidence is why a rule fired, for agents and the log of the case. It never holds an address or a name.
type Evidence struct {
	Rule  string `json:"rule"`
	Facts []Fact `json:"facts"`
}

// Fact is one observation behind a finding, such as {"confirmed_at", "empty"}.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Situation is one cause: a value of the registry.
type Situation struct {
	ID ID
	// Order ranks findings, lowest first: what blocks signing in comes before what does not.
	Order int
	// WithoutAccount marks a situation of the address itself: its rule runs once, with no account.
	WithoutAccount bool
	// Alone marks a finding that stands only where the account has no other.
	Alone bool
	// Neutral marks a page that says nothing of the cause: only that support can help.
	Neutral bool
	Drawing Drawing
	// Offers are the actions it offers, best first; Forbids are those that no other finding of the same
	// account can bring back.
	Offers, Forbids []Action
	// Proofs are what support must obtain, one of them, before it acts.
	Proofs []Proof
	// Find reports whether the facts prove the situation for a; a is nil where WithoutAccount is set.
	Find func(f Facts, a *account.Account) (Evidence, bool)
}

// Finding is a situation found, with what may be done about it.
type Finding struct {
	Situation
	Evidence Evidence
	Actions  []Action // offered and permitted, best first
}

// Ownership says why an account may be shown to who proved the address.
type Ownership string

// The two ways in which R2 lets an account be shown.
const (
	ByAddress  Ownership = "address"  // the proven address is the account's own
	ByIdentity Ownership = "identity" // the proven address is that of the identity linked to it
)

// AccountReport is what was found about one account.
type AccountReport struct {
	Account   account.Account
	Ownership Ownership
	Findings  []Finding // ordered
}

// CheckID names one check that was made or could not be made.
type CheckID string

// CheckState is how a check came out.
type CheckState string

// How a check comes out. What is wrong is a finding and no check.
const (
	CheckRight  CheckState = "right"
	CheckFailed CheckState = "could-not-be-made"
)

// Check is one line of "what was checked".
type Check struct {
	ID    CheckID
	State CheckState
}

// Report is a diagnosis of one proven address.
type Report struct {
	Address  account.Address
	Accounts []AccountReport
	General  []Finding // findings of the address itself
	Checks   []Check
	// Incomplete: the accounts could not be looked up, so nothing is said about them.
	Incomplete bool
}
