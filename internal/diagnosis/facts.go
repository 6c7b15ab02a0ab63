package diagnosis

import (
	"slices"
	"time"

	"latchkey/internal/account"
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

// Resets are what the mail log knows of the address.
type Resets = account.Resets

// Facts are all that is known about one proven address.
type Facts struct {
	Address account.Address
	Now     time.Time
	// Accounts are those whose address is Address.
	Accounts Known[[]account.Account]
	// Linked are accounts with another address whose identity has Address as its current, verified
	// email, or is one of OwnIdentities: owning the identity establishes them (R2).
	Linked Known[[]account.Account]
	// OwnIdentities are those that the customer has signed in to, by OpenID Connect: owning them is
	// established by that, whatever their email is (R2). Email is "" where it is not verified.
	OwnIdentities []account.Identity
	// Identities tells whether the identity provider said who the linked identities are now. Not asked: the
	// account data's copy of them counts. Failed: what an identity's email or lock would prove is left out.
	Identities Known[struct{}]
	// Resets are those of as far back as a reset may explain why somebody stands at the door today.
	Resets Known[Resets]
	// Contacts are the billing accounts of which Address is a contact, and Invitations those that it was
	// invited to. They say nothing of an account with another address.
	Contacts, Invitations Known[[]account.BillingRelation]
	// Suppressions are why the customer portal's own mail no longer goes to the accounts at Address.
	Suppressions Known[[]account.Suppression]
	// PortalConfirms: confirmations are the customer portal's own mail, and not Latchkey's.
	PortalConfirms bool
	// Said is what the customer told us of Address after proving it.
	Said []Symptom
	// Signs are the situations that what the customer saw is a sign of. They order findings and are none.
	Signs []ID
}

// Says reports whether the customer said so.
func (f Facts) Says(s Symptom) bool { return slices.Contains(f.Said, s) }

// Evidence is why a rule fired, for agents and the log of the case. It never holds an address or a name.
type Evidence struct {
	Rule string `json:"rule"`
	// Variant is which of the situation's Variants it is, for the words; "" where it has none.
	Variant string `json:"variant,omitempty"`
	Facts   []Fact `json:"facts"`
	// At is when the mail behind the finding was sent; zero where there is none.
	At time.Time `json:"at,omitzero"`
	// From is the domain that sent it; "" where it is not known.
	From string `json:"from,omitempty"`
}

// Fact is one observation behind a finding, such as {"confirmed_at", "empty"}.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// because is the evidence of the situation id, from pairs of name and value.
func because(id ID, pairs ...string) Evidence {
	e := Evidence{Rule: string(id)}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Facts = append(e.Facts, Fact{Name: pairs[i], Value: pairs[i+1]})
	}
	return e
}

// as is the evidence of one of the situation's variants.
func (e Evidence) as(variant string) Evidence {
	e.Variant = variant
	return e
}
