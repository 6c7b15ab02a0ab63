package diagnosis

import (
	"cmp"
	"slices"

	"latchkey/internal/account"
)

// Diagnose finds the situations of a proven address. A look-up that failed never leads to a finding: the
// report says that it is incomplete, or that a check could not be made.
func Diagnose(f Facts) Report { return All().Diagnose(f) }

// Diagnose finds those of the list.
func (all Registry) Diagnose(f Facts) Report {
	r := Report{Address: f.Address}
	own, linked := ownAccounts(f), linkedAccounts(f)
	for i := range own {
		r.Accounts = append(r.Accounts, all.examine(f, own[i], ByAddress))
	}
	for i := range linked {
		r.Accounts = append(r.Accounts, all.examine(f, linked[i], ByIdentity))
	}
	slices.SortStableFunc(r.Accounts, easiestFirst)
	r.Incomplete = !f.Accounts.OK() || (len(r.Accounts) == 0 && !f.Linked.OK())
	r.General = all.findGeneral(f, r)
	r.Checks = checks(f, own, linked, r)
	return r
}

// ownAccounts are the accounts at the address. The portal is asked for these, but a portal that answers
// with similar addresses as well must not have Latchkey show them (R2, R6).
func ownAccounts(f Facts) []account.Account {
	if !f.Accounts.OK() {
		return nil
	}
	return unique(f.Accounts.Value, func(a account.Account) bool { return a.At(f.Address) })
}

// linkedAccounts are those that the identity at the address establishes; the same care is taken.
func linkedAccounts(f Facts) []account.Account {
	if !f.Linked.OK() {
		return nil
	}
	return unique(f.Linked.Value, func(a account.Account) bool {
		return !a.At(f.Address) && establishes(f, a.Identity)
	})
}

func unique(accounts []account.Account, keep func(account.Account) bool) []account.Account {
	var kept []account.Account
	for _, a := range accounts {
		same := func(b account.Account) bool { return b.ID == a.ID }
		if keep(a) && !slices.ContainsFunc(kept, same) {
			kept = append(kept, a)
		}
	}
	return kept
}

// establishes reports whether the customer has shown that the identity is theirs: they signed in to it, or
// the proven mailbox is its own (R2).
func establishes(f Facts, i *account.Identity) bool {
	if i == nil {
		return false
	}
	_, signedIn := f.own(i)
	return signedIn || reads(f.Address, i)
}

// reads reports whether the mailbox is the identity's current and verified email.
func reads(address account.Address, i *account.Identity) bool {
	return i.EmailVerified && address.Is(i.Email)
}

func (all Registry) examine(f Facts, a account.Account, by Ownership) AccountReport {
	found := settle(all.find(f, &a, OfAccount))
	for i := range found {
		if by == ByIdentity {
			found[i].Offers = byMail(found[i].Offers)
		}
		found[i].Proofs, found[i].Needs = stillToShow(f, a, by, found[i].Situation)
		found[i].Actions = permitted(found[i], found, func(action Action) bool {
			return (action != SignIn || by == ByAddress) && (action != ResendConfirmation || arrives(f, found))
		})
	}
	r := AccountReport{
		Account: visible(a, f), Ownership: by, Findings: found, OpenedByIdentity: openedByIdentity(f, a, found),
	}
	if a.Identity == nil {
		r.Own, r.Taken = toLink(f)
	}
	return r
}

// stillToShow is what support asks for of an account, beyond what is shown already: the mailbox that is enough is the
// account's own, and whoever has shown that the linked identity is theirs need not be asked whether they agree.
func stillToShow(f Facts, a account.Account, by Ownership, s Situation) (oneOf, allOf []Proof) {
	oneOf, allOf = s.Proofs, s.Needs
	if by == ByIdentity && slices.Equal(oneOf, []Proof{ProofMailbox}) {
		oneOf = ownership()
	}
	if establishes(f, a.Identity) {
		allOf = slices.DeleteFunc(slices.Clone(allOf), func(p Proof) bool { return p == ProofIdentityOwner })
	}
	return oneOf, allOf
}

// arrives reports whether a confirmation can: the portal's own mail does not reach an address that its mail
// service has on a list.
func arrives(f Facts, found []Finding) bool {
	return !f.PortalConfirms || !slices.ContainsFunc(found, func(other Finding) bool { return other.ID == MailSuppressed })
}

// byMail are the offers for an account at another address: its owner gets in by a link to that address, and
// never at once (R3).
func byMail(offers []Action) []Action {
	var out []Action
	for _, a := range offers {
		if a == SignIn {
			a = EmailSignInLink
		}
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// findGeneral finds what is the matter with the address where it has no account, or with its accounts
// together. Accounts that nothing may be said of have nothing said of them together either.
func (all Registry) findGeneral(f Facts, r Report) []Finding {
	scope := OfAddress
	switch {
	case len(r.Accounts) > 1 && slices.ContainsFunc(r.Accounts, func(a AccountReport) bool { return !a.Neutral() }):
		scope = OfAccounts
	case len(r.Accounts) > 0 || r.Incomplete:
		return nil
	}
	found := settle(all.find(f, nil, scope))
	for i := range found {
		found[i].Actions = permitted(found[i], found, func(action Action) bool {
			return !action.ofAccount() && (action != MailOtherAddress || found[i].MailsOther(f.Address))
		})
	}
	return found
}

func (all Registry) find(f Facts, a *account.Account, scope Scope) []Finding {
	var found []Finding
	for _, s := range all {
		if s.Scope&scope == 0 {
			continue
		}
		if e, ok := s.Find(f, a); ok {
			if drawing, ok := s.Drawings[e.Variant]; ok {
				s.Drawing = drawing
			}
			found = append(found, Finding{Situation: s, Evidence: e})
		}
	}
	return f.sharpened(found)
}

// settle orders findings and drops those that others hide.
func settle(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Order, b.Order) })
	for _, f := range found {
		if f.Neutral {
			f.Evidence = Evidence{Rule: "neutral"}
			return []Finding{f}
		}
	}
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(f Finding) bool { return f.Alone })
	}
	return found
}

// permitted are the finding's offers that no finding of the account forbids (R3) and that structure
// allows, with the hand-off as the way out that is always there.
func permitted(f Finding, all []Finding, structure func(Action) bool) []Action {
	var actions []Action
	for _, a := range f.Offers {
		forbidden := slices.ContainsFunc(all, func(other Finding) bool { return slices.Contains(other.Forbids, a) })
		if a != HandOff && !forbidden && structure(a) {
			actions = append(actions, a)
		}
	}
	return append(actions, HandOff)
}

// visible is what may be shown of an account: no address but its own, of an identity that is not established
// only that it is there and how it does, and of other billing accounts nothing (R2). Of an identity that the
// customer signed in to it is the email that its provider told then: what the account data has may be older,
// and somebody else's by now.
func visible(a account.Account, f Facts) account.Account {
	a.UnconfirmedEmail, a.Invitations = "", nil
	if a.Identity == nil || reads(f.Address, a.Identity) {
		return a
	}
	i := *a.Identity
	if mine, signedIn := f.own(&i); signedIn {
		i.Email, i.EmailVerified = mine.Email, mine.EmailVerified
	} else {
		i.Email, i.Username, i.Subject = "", "", ""
	}
	a.Identity = &i
	return a
}

func easiestFirst(a, b AccountReport) int {
	return cmp.Or(
		cmp.Compare(b.worst(), a.worst()),
		cmp.Compare(rank(a.Ownership), rank(b.Ownership)),
		b.Account.LastSignInAt.Compare(a.Account.LastSignInAt),
		cmp.Compare(a.Account.ID, b.Account.ID),
	)
}

func rank(o Ownership) int {
	if o == ByAddress {
		return 0
	}
	return 1
}

// worst is the rank of the first finding.
func (a AccountReport) worst() Order {
	if len(a.Findings) == 0 {
		return Clear
	}
	return a.Findings[0].Order
}
