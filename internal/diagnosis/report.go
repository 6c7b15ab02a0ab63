package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// Finding is a situation found, with what may be done about it.
type Finding struct {
	Situation
	// Evidence of a Neutral situation names the rule alone "neutral" and no fact: it may be quoted to
	// the customer with the rest of the case.
	Evidence Evidence
	Actions  []Action // offered and permitted, best first, HandOff always among them
}

// Withheld reports whether the finding offers actions and another one forbids all of them: its turn comes when
// that one is put right.
func (f Finding) Withheld() bool {
	byHandOffAlone := func(actions []Action) bool {
		return !slices.ContainsFunc(actions, func(a Action) bool { return a != HandOff })
	}
	return byHandOffAlone(f.Actions) && !byHandOffAlone(f.Offers)
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
	// Account lacks what the proven address does not establish: see visible.
	Account   account.Account
	Ownership Ownership
	Findings  []Finding // ordered, never empty
	// OpenedByIdentity: the linked identity is the customer's, and signing in with it at the customer portal
	// leads to this account.
	OpenedByIdentity bool
	// Own is an identity that the customer has shown to be theirs, where the account is linked to none; nil where
	// none is known. Taken: it is linked to another account of theirs, so linking it to this one is refused.
	Own   *account.Identity
	Taken bool
}

// Neutral reports whether nothing may be said about the account but that support can help.
func (a AccountReport) Neutral() bool {
	return slices.ContainsFunc(a.Findings, func(f Finding) bool { return f.Neutral })
}

// KnowsIdentity reports whether the page says which identity is the customer's: the one linked to the account, or
// one that could be.
func (a AccountReport) KnowsIdentity() bool {
	linked := a.Account.Identity != nil && a.Account.Identity.Subject != "" // see visible
	return !a.Neutral() && (linked || a.Own != nil)
}

// Actions are the account's permitted actions in the order of its findings, each once, HandOff last.
func (a AccountReport) Actions() []Action { return actionsOf(a.Findings) }

// Report is a diagnosis of one proven address.
type Report struct {
	Address account.Address
	// Accounts are ordered: the one that is easiest to get into first, and of two alike the address's
	// own before that of its identity.
	Accounts []AccountReport
	General  []Finding // findings of the address itself
	Checks   []Check
	// Incomplete: it is not known whether there are accounts, so their lack means nothing.
	Incomplete bool
}

// AccountsKnown reports whether every look-up of accounts was answered: who is not among them has none.
func (r Report) AccountsKnown() bool {
	return !slices.ContainsFunc(r.Checks, func(c Check) bool {
		return c.ID == CheckAccounts || c.ID == CheckLinkedAccounts // listed only where they failed
	})
}

// MayHave reports whether an account that is not among Accounts may be one that could not be looked up.
func (r Report) MayHave(accountID string) bool {
	return !r.AccountsKnown() && !slices.ContainsFunc(r.Accounts, func(a AccountReport) bool { return a.Account.ID == accountID })
}

// AllRight reports whether nothing stands in the way of any account.
func (r Report) AllRight() bool { return r.every(func(f Finding) bool { return f.Order == Clear }) }

// Open reports whether the usual way in is open to some account: nothing is wrong with it, or what is does not
// keep out the customer whose identity opens it.
func (r Report) Open() bool {
	return slices.ContainsFunc(r.Accounts, func(a AccountReport) bool {
		mismatch := slices.ContainsFunc(a.Findings, func(f Finding) bool { return f.ID == LinkedEmailMismatch })
		return a.worst() == Clear || a.OpenedByIdentity && (mismatch || a.Ownership == ByIdentity)
	})
}

// Inside reports whether all that was found is met only once signed in.
func (r Report) Inside() bool { return r.every(func(f Finding) bool { return f.Inside }) }

// AsksIdentity reports whether signing in to an identity of theirs can change what was found.
func (r Report) AsksIdentity() bool {
	asks := func(f Finding) bool { return f.AsksIdentity }
	return slices.ContainsFunc(r.General, asks) || slices.ContainsFunc(r.Accounts, func(a AccountReport) bool {
		return slices.ContainsFunc(a.Findings, asks)
	})
}

// every reports whether there are accounts, nothing was found but of them, and each finding is so.
func (r Report) every(is func(Finding) bool) bool {
	for _, a := range r.Accounts {
		for _, f := range a.Findings {
			if !is(f) {
				return false
			}
		}
	}
	return len(r.Accounts) > 0 && len(r.General) == 0 && !r.Incomplete
}

// Asked is what support asks for before it acts on all that was found: any one of oneOf, which each finding takes that
// asks for more than the mailbox, and every one of allOf. Both are empty where nothing can be said beforehand, as of
// a neutral account.
func (r Report) Asked() (oneOf, allOf []Proof) {
	findings := slices.Clone(r.General)
	for _, a := range r.Accounts {
		findings = append(findings, a.Findings...)
	}
	for _, f := range findings {
		switch {
		case f.Neutral:
			return nil, nil
		case oneOf == nil || slices.Equal(oneOf, []Proof{ProofMailbox}):
			oneOf = slices.Clone(f.Proofs)
		case !slices.Equal(f.Proofs, []Proof{ProofMailbox}):
			oneOf = slices.DeleteFunc(oneOf, func(p Proof) bool { return !slices.Contains(f.Proofs, p) })
		}
		for _, p := range f.Needs {
			if !slices.Contains(allOf, p) {
				allOf = append(allOf, p)
			}
		}
	}
	return oneOf, allOf
}

// Allows reports whether the action may be done for the account: some finding of it offers the action
// and none forbids it. A hand-off is always allowed.
func (r Report) Allows(accountID string, a Action) bool {
	if a == HandOff {
		return true
	}
	return slices.ContainsFunc(r.Accounts, func(found AccountReport) bool {
		return found.Account.ID == accountID && slices.Contains(found.Actions(), a)
	})
}

// Primary is the one action that a page puts first.
type Primary struct {
	AccountID string // "" where it concerns no account
	Situation ID     // the finding that it stands under
	Action    Action
}

// Primary is the best action of the first finding; false where nothing was found.
func (r Report) Primary() (Primary, bool) {
	for _, a := range r.Accounts {
		for _, f := range a.Findings {
			return Primary{AccountID: a.Account.ID, Situation: f.ID, Action: f.Actions[0]}, true
		}
	}
	for _, f := range r.General {
		return Primary{Situation: f.ID, Action: f.Actions[0]}, true
	}
	return Primary{}, false
}

// actionsOf lists the actions of the findings, each once, HandOff last.
func actionsOf(findings []Finding) []Action {
	var actions []Action
	for _, f := range findings {
		for _, a := range f.Actions {
			if a != HandOff && !slices.Contains(actions, a) {
				actions = append(actions, a)
			}
		}
	}
	return append(actions, HandOff)
}

// Forbids reports whether a link that was mailed for the account must do nothing now: the account is
// gone from the address, or some finding of it forbids the action. What a link grants need not be
// offered any more: an account that was put right meanwhile may still be signed in to.
func (r Report) Forbids(accountID string, a Action) bool {
	i := slices.IndexFunc(r.Accounts, func(found AccountReport) bool { return found.Account.ID == accountID })
	return i < 0 || slices.ContainsFunc(r.Accounts[i].Findings, func(f Finding) bool {
		return slices.Contains(f.Forbids, a)
	})
}
