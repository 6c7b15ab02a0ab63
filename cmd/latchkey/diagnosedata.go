package main

import (
	"cmp"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// dry is the outcome of a dry run, and with its tags the JSON that the README promises: fields may be added,
// none changes or goes. Of accounts it has ids and no name, and no address but the one asked for and those
// on the customer's own page.
type dry struct {
	Address    string       `json:"address"`
	At         time.Time    `json:"at"`
	Facts      dryFacts     `json:"facts"`
	Incomplete bool         `json:"incomplete"` // whether there are accounts is not known
	Accounts   []dryAccount `json:"accounts"`
	General    []dryFinding `json:"general"`
	Checks     []dryCheck   `json:"checks"`
	Primary    *dryPrimary  `json:"primary"`
	Page       dryPage      `json:"page"`
}

type dryFacts struct {
	Accounts     dryFact[[]accountFact]  `json:"accounts"`
	Linked       dryFact[[]accountFact]  `json:"linked"`
	Identities   dryFact[*struct{}]      `json:"identities"`
	Resets       dryFact[*resetsFact]    `json:"resets"`
	Contacts     dryFact[[]billingFact]  `json:"contacts"`
	Invitations  dryFact[[]billingFact]  `json:"invitations"`
	Suppressions dryFact[[]suppressFact] `json:"suppressions"`
}

// The states of a fact.
const (
	stateKnown    = "known"
	stateFailed   = "failed"
	stateNotAsked = "not-asked"
)

type dryFact[T any] struct {
	State string `json:"state"`
	Why   string `json:"why,omitempty"` // of failed
	Value T      `json:"value,omitzero"`
}

type accountFact struct {
	ID string `json:"id"`
	// AtAddress: the address asked for is the account's own. One of the portal's answers that neither is nor
	// is established by it is left out of everything else.
	AtAddress     bool             `json:"at_address"`
	CreatedAt     time.Time        `json:"created_at,omitzero"`
	ConfirmedAt   time.Time        `json:"confirmed_at,omitzero"`
	ChangePending bool             `json:"email_change_pending"`
	SignInEnabled bool             `json:"sign_in_enabled"`
	Origin        string           `json:"origin"`
	LastSignInAt  time.Time        `json:"last_sign_in_at,omitzero"`
	Identity      *identityFact    `json:"identity"`
	Memberships   []membershipFact `json:"memberships"`
	Subscriptions int              `json:"subscriptions"`
	Applied       int              `json:"subscriptions_applied"`
	Invitations   []billingFact    `json:"invitations"`
}

type identityFact struct {
	Provider        string `json:"provider"`
	Subject         string `json:"subject"`
	Email           string `json:"email"` // same, other or unknown, seen from the address asked for
	EmailVerified   bool   `json:"email_verified"`
	State           string `json:"state"`
	PasswordEnabled bool   `json:"password_enabled"`
	TwoFactor       bool   `json:"two_factor"`
}

type membershipFact struct {
	ID   string `json:"billing_account"`
	Role string `json:"role"`
}

type billingFact struct {
	ID        string    `json:"billing_account"`
	Relation  string    `json:"relation"`
	State     string    `json:"state,omitempty"` // of an invitation
	CreatedAt time.Time `json:"created_at,omitzero"`
}

type resetsFact struct {
	Identity time.Time `json:"identity,omitzero"`
	Portal   time.Time `json:"portal,omitzero"`
}

type suppressFact struct {
	List  string    `json:"list"`
	Code  string    `json:"code,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

type dryAccount struct {
	ID        string       `json:"id"`
	Ownership string       `json:"ownership"` // address or identity
	Findings  []dryFinding `json:"findings"`
	Permitted []string     `json:"permitted"`
}

type dryFinding struct {
	Situation string             `json:"situation"`
	Order     string             `json:"order"`
	Evidence  diagnosis.Evidence `json:"evidence"`
	Actions   []string           `json:"actions"`
	Forbids   []string           `json:"forbids"`
}

type dryCheck struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

type dryPrimary struct {
	Account   string `json:"account,omitempty"`
	Situation string `json:"situation"`
	Action    string `json:"action"`
}

type dryPage struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

func newDry(f diagnosis.Facts, r diagnosis.Report, page dryPage, noted *failures) dry {
	d := dry{
		Address: f.Address.String(), At: f.Now.UTC().Truncate(time.Second), Incomplete: r.Incomplete, Page: page,
		Facts: newDryFacts(f, noted), Accounts: []dryAccount{}, Checks: []dryCheck{}, General: findingsOf(r.General),
	}
	for _, a := range r.Accounts {
		d.Accounts = append(d.Accounts, dryAccount{
			ID: a.Account.ID, Ownership: string(a.Ownership), Findings: findingsOf(a.Findings), Permitted: texts(a.Actions()),
		})
	}
	for _, c := range r.Checks {
		d.Checks = append(d.Checks, dryCheck{string(c.ID), string(c.State)})
	}
	if p, ok := r.Primary(); ok {
		d.Primary = &dryPrimary{p.AccountID, string(p.Situation), string(p.Action)}
	}
	return d
}

var orders = map[diagnosis.Order]string{
	diagnosis.Bars: "bars", diagnosis.Hinders: "hinders", diagnosis.Explains: "explains", diagnosis.Clear: "clear",
}

func findingsOf(found []diagnosis.Finding) []dryFinding {
	all := []dryFinding{}
	for _, f := range found {
		all = append(all, dryFinding{
			Situation: string(f.ID), Order: orders[f.Order], Evidence: f.Evidence, Actions: texts(f.Actions), Forbids: texts(f.Forbids),
		})
	}
	return all
}

func texts[T ~string](of []T) []string {
	all := []string{}
	for _, one := range of {
		all = append(all, string(one))
	}
	return all
}

func newDryFacts(f diagnosis.Facts, noted *failures) dryFacts {
	accounts := func(all []account.Account) []accountFact {
		return each(all, func(a account.Account) accountFact { return newAccountFact(a, f.Address) })
	}
	relations := func(all []account.BillingRelation) []billingFact {
		return each(all, func(r account.BillingRelation) billingFact {
			return billingFact{r.ID, r.Relation, r.InvitationState, r.CreatedAt}
		})
	}
	return dryFacts{
		Accounts:   fact(f.Accounts, noted.of(factAccounts), accounts),
		Linked:     fact(f.Linked, noted.of(factLinked), accounts),
		Identities: fact(f.Identities, noted.of(factIdentities), func(struct{}) *struct{} { return nil }),
		Resets: fact(f.Resets, noted.of(factResets), func(r diagnosis.Resets) *resetsFact {
			return &resetsFact{r.Identity.UTC(), r.Portal.UTC()}
		}),
		Contacts:    fact(f.Contacts, noted.of(factContacts), relations),
		Invitations: fact(f.Invitations, noted.of(factInvitations), relations),
		Suppressions: fact(f.Suppressions, noted.of(factSuppressions), func(all []account.Suppression) []suppressFact {
			return each(all, func(s account.Suppression) suppressFact { return suppressFact{string(s.List), s.Code, s.Since} })
		}),
	}
}

// fact is a look-up with what came of it.
func fact[T, V any](k diagnosis.Known[T], why string, value func(T) V) dryFact[V] {
	switch {
	case k.OK():
		return dryFact[V]{State: stateKnown, Value: value(k.Value)}
	case k.Failed:
		return dryFact[V]{State: stateFailed, Why: cmp.Or(why, "no usable answer")}
	}
	return dryFact[V]{State: stateNotAsked}
}

// each is never nil: a list that is known to be empty is one.
func each[T, V any](all []T, one func(T) V) []V {
	out := make([]V, 0, len(all))
	for _, t := range all {
		out = append(out, one(t))
	}
	return out
}

func newAccountFact(a account.Account, asked account.Address) accountFact {
	f := accountFact{
		ID: a.ID, AtAddress: a.At(asked), CreatedAt: a.CreatedAt, ConfirmedAt: a.ConfirmedAt, ChangePending: a.UnconfirmedEmail != "",
		SignInEnabled: a.SignInEnabled, Origin: string(a.Origin), LastSignInAt: a.LastSignInAt, Subscriptions: len(a.Subscriptions),
	}
	for _, s := range a.Subscriptions {
		if s.Applied {
			f.Applied++
		}
	}
	if i := a.Identity; i != nil {
		f.Identity = &identityFact{
			i.Provider, i.Subject, emailSeen(i.Email, asked), i.EmailVerified, string(i.State), i.PasswordEnabled, i.TwoFactor,
		}
	}
	f.Memberships = each(a.BillingAccounts, func(m account.Membership) membershipFact { return membershipFact{m.ID, string(m.Role)} })
	f.Invitations = each(a.Invitations, func(i account.Invitation) billingFact {
		return billingFact{i.BillingAccount, account.RelationInvited, i.State, i.CreatedAt}
	})
	return f
}

// emailSeen says of an identity's email only what it is to the address asked for (R2).
func emailSeen(email string, asked account.Address) string {
	theirs, err := account.ParseAddress(email)
	switch {
	case err != nil:
		return "unknown"
	case theirs.Matches(asked):
		return "same"
	}
	return "other"
}

// whyIncomplete is what kept the diagnosis from being one.
func (f dryFacts) whyIncomplete() string {
	if f.Accounts.State == stateFailed {
		return f.Accounts.Why
	}
	return cmp.Or(f.Linked.Why, "whether there are accounts is not known")
}
