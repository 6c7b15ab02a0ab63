package diagnosis

import "latchkey/internal/account"

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

// ofAccount reports whether the action is about one account and goes to its own address.
func (a Action) ofAccount() bool {
	return a == SignIn || a == EmailSignInLink || a == ResendConfirmation
}

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
	DrawSeveral     Drawing = "several"     // more than one account for one person
	DrawElsewhere   Drawing = "elsewhere"   // the identity at the address, linked to an account with another
	DrawLocked      Drawing = "locked"      // account linked to an identity that lets nobody in
	DrawNoPassword  Drawing = "no-password" // account linked to an identity whose password is switched off
	DrawNoMail      Drawing = "no-mail"     // mail that stops before the account's address
	DrawChange      Drawing = "change"      // account whose new address waits for its confirmation
	DrawLeft        Drawing = "left"        // account whose person has left
)

// The drawings of account and billing account.
const (
	DrawNoBilling  Drawing = "no-billing"  // account, and no membership of any billing account
	DrawInvited    Drawing = "invited"     // an invitation that waits
	DrawTwoBilling Drawing = "two-billing" // a membership, and a second billing account that waits
	DrawReseller   Drawing = "reseller"    // a billing account that somebody else sells to
)

// Proof is one thing that support accepts as proof of ownership before it acts.
type Proof string

// What support accepts. FACTS of the support desk: screenshots, activation mails and staff vouching are
// not among them.
const (
	ProofContactApproval Proof = "contact-approval" // approval by an existing contact, never named
	ProofPriorContract   Proof = "prior-contract"
	ProofInvoice         Proof = "invoice" // under 12 months old; not for purchases through a reseller
	ProofLicenceText     Proof = "licence-text"
	ProofGroupOwner      Proof = "group-owner" // the group owner's API output
	ProofReseller        Proof = "reseller"
	ProofIdentityOwner   Proof = "identity-owner" // the identity's owner verified
	ProofMailbox         Proof = "mailbox"        // the proven mailbox is enough
)

// ownership is what support needs before it adds a contact, changes who owns an account or removes a
// membership: any one of these.
func ownership() []Proof {
	return []Proof{
		ProofContactApproval, ProofPriorContract, ProofInvoice, ProofLicenceText, ProofGroupOwner, ProofReseller,
	}
}

// Order ranks findings by how much they stand in the way of signing in.
type Order int

// The ranks, first to last.
const (
	Bars     Order = iota + 1 // no way in until it is resolved
	Hinders                   // the usual way in fails, another one works
	Explains                  // signing in works; this is why it seemed not to
	Clear                     // nothing is wrong
)

// Scope is what a situation is about: what its rule runs for. Scopes add up.
type Scope int

// The scopes.
const (
	// OfAccount: the rule runs for each account.
	OfAccount Scope = 1 << iota
	// OfAddress: it runs once, with no account, where neither look-up failed and neither found one.
	OfAddress
	// OfAccounts: it runs once, with no account, where several are the customer's.
	OfAccounts
)

// Situation is one cause: a value of the registry.
type Situation struct {
	ID ID
	// Order ranks findings, lowest first; within a rank the registry's order holds.
	Order Order
	Scope Scope
	// Variants are the faces that a situation has, where its words need to tell them apart; Evidence says
	// which it is.
	Variants []string
	// Alone marks a finding that stands only where the account has no other.
	Alone bool
	// Inside marks trouble that is met once signed in: it is not why somebody cannot sign in.
	Inside bool
	// AsksIdentity marks trouble of which more comes out once the customer signs in to an identity of theirs: which
	// one is to be linked, or an account that is linked to it.
	AsksIdentity bool
	// Neutral marks a page that says nothing of the cause: only that support can help. It hides every
	// other finding of the account, and its evidence says nothing either.
	Neutral bool
	Drawing Drawing
	// Drawings are those of variants whose drawing is another.
	Drawings map[string]Drawing
	// Offers are the actions it offers, best first; Forbids are those that no other finding of the same
	// account can bring back. HandOff is always offered and never forbidden.
	Offers, Forbids []Action
	// Proofs are what support must obtain, any one of them, before it acts; Needs are what it must
	// obtain besides, every one of them.
	Proofs, Needs []Proof
	// Find reports whether the facts prove the situation for a, which is nil unless it is OfAccount.
	Find func(f Facts, a *account.Account) (Evidence, bool)
}
