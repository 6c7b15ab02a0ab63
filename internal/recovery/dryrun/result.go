package dryrun

import (
	"cmp"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Result is the outcome of a dry run, and with its tags the JSON that the README promises: fields may be added,
// none changes or goes. Of accounts it has ids and no name, and no address but the one asked for and those
// on the customer's own page.
type Result struct {
	Address    string    `json:"address"`
	At         time.Time `json:"at"`
	Facts      Facts     `json:"facts"`
	Incomplete bool      `json:"incomplete"` // whether there are accounts is not known
	Accounts   []Account `json:"accounts"`
	General    []Finding `json:"general"`
	Checks     []Check   `json:"checks"`
	Primary    *Primary  `json:"primary"`
	Page       Page      `json:"page"`
}

// Facts are what was asked, each with what came of it.
type Facts struct {
	Accounts     Fact[[]AccountFact]  `json:"accounts"`
	Linked       Fact[[]AccountFact]  `json:"linked"`
	Identities   Fact[*struct{}]      `json:"identities"`
	Resets       Fact[*ResetsFact]    `json:"resets"`
	Contacts     Fact[[]BillingFact]  `json:"contacts"`
	Invitations  Fact[[]BillingFact]  `json:"invitations"`
	Suppressions Fact[[]SuppressFact] `json:"suppressions"`
}

// The states of a fact.
const (
	StateKnown    = "known"
	StateFailed   = "failed"
	StateNotAsked = "not-asked"
)

// Fact is one look-up.
type Fact[T any] struct {
	State string `json:"state"`
	Why   string `json:"why,omitempty"` // of failed
	Value T      `json:"value,omitzero"`
}

// AccountFact is an account, without its name and its address.
type AccountFact struct {
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
	Identity      *IdentityFact    `json:"identity"`
	Memberships   []MembershipFact `json:"memberships"`
	Subscriptions int              `json:"subscriptions"`
	Applied       int              `json:"subscriptions_applied"`
	Invitations   []BillingFact    `json:"invitations"`
}

// IdentityFact is the identity linked to it.
type IdentityFact struct {
	Provider        string `json:"provider"`
	Subject         string `json:"subject"`
	Email           string `json:"email"` // same, other or unknown, seen from the address asked for
	EmailVerified   bool   `json:"email_verified"`
	State           string `json:"state"`
	PasswordEnabled bool   `json:"password_enabled"`
	TwoFactor       bool   `json:"two_factor"`
}

// MembershipFact is a billing account that it is a member of.
type MembershipFact struct {
	ID   string `json:"billing_account"`
	Role string `json:"role"`
}

// BillingFact is a billing account and what the address is to it.
type BillingFact struct {
	ID        string    `json:"billing_account"`
	Relation  string    `json:"relation"`
	State     string    `json:"state,omitempty"` // of an invitation
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// ResetsFact are the last password resets that were mailed.
type ResetsFact struct {
	Identity time.Time `json:"identity,omitzero"`
	Portal   time.Time `json:"portal,omitzero"`
}

// SuppressFact is an entry of a list of suppressed addresses.
type SuppressFact struct {
	List  string    `json:"list"`
	Code  string    `json:"code,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// Account is an account that the customer would be shown.
type Account struct {
	ID        string    `json:"id"`
	Ownership string    `json:"ownership"` // address or identity
	Findings  []Finding `json:"findings"`
	Permitted []string  `json:"permitted"`
}

// Finding is a situation that was found.
type Finding struct {
	Situation string             `json:"situation"`
	Order     string             `json:"order"`
	Evidence  diagnosis.Evidence `json:"evidence"`
	Actions   []string           `json:"actions"`
	Forbids   []string           `json:"forbids"`
	OneOf     []string           `json:"obtain_one_of"` // what support asks for before it acts, any of it
	AllOf     []string           `json:"obtain_all_of"` // and all of this besides
}

// Check is something that was looked at and found right, or could not be.
type Check struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

// Primary is the first button of the page.
type Primary struct {
	Account   string `json:"account,omitempty"`
	Situation string `json:"situation"`
	Action    string `json:"action"`
}

// Page is what the customer would see, as plain text.
type Page struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

func newResult(f diagnosis.Facts, r diagnosis.Report, page Page, noted *failures) Result {
	d := Result{
		Address: f.Address.String(), At: f.Now.UTC().Truncate(time.Second), Incomplete: r.Incomplete, Page: page,
		Facts: newFacts(f, noted), Accounts: []Account{}, Checks: []Check{}, General: findingsOf(r.General),
	}
	for _, a := range r.Accounts {
		d.Accounts = append(d.Accounts, Account{
			ID: a.Account.ID, Ownership: string(a.Ownership), Findings: findingsOf(a.Findings), Permitted: texts(a.Actions()),
		})
	}
	for _, c := range r.Checks {
		d.Checks = append(d.Checks, Check{string(c.ID), string(c.State)})
	}
	if p, ok := r.Primary(); ok {
		d.Primary = &Primary{p.AccountID, string(p.Situation), string(p.Action)}
	}
	return d
}

var orders = map[diagnosis.Order]string{
	diagnosis.Bars: "bars", diagnosis.Hinders: "hinders", diagnosis.Explains: "explains", diagnosis.Clear: "clear",
}

func findingsOf(found []diagnosis.Finding) []Finding {
	all := []Finding{}
	for _, f := range found {
		all = append(all, Finding{
			Situation: string(f.ID), Order: orders[f.Order], Evidence: f.Evidence, Actions: texts(f.Actions), Forbids: texts(f.Forbids),
			OneOf: texts(f.Proofs), AllOf: texts(f.Needs),
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

func newFacts(f diagnosis.Facts, noted *failures) Facts {
	accounts := func(all []account.Account) []AccountFact {
		return each(all, func(a account.Account) AccountFact { return newAccountFact(a, f.Address) })
	}
	relations := func(all []account.BillingRelation) []BillingFact {
		return each(all, func(r account.BillingRelation) BillingFact {
			return BillingFact{r.ID, r.Relation, r.InvitationState, r.CreatedAt}
		})
	}
	return Facts{
		Accounts:   fact(f.Accounts, noted.of(factAccounts), accounts),
		Linked:     fact(f.Linked, noted.of(factLinked), accounts),
		Identities: fact(f.Identities, noted.of(factIdentities), func(struct{}) *struct{} { return nil }),
		Resets: fact(f.Resets, noted.of(factResets), func(r diagnosis.Resets) *ResetsFact {
			return &ResetsFact{r.Identity.UTC(), r.Portal.UTC()}
		}),
		Contacts:    fact(f.Contacts, noted.of(factContacts), relations),
		Invitations: fact(f.Invitations, noted.of(factInvitations), relations),
		Suppressions: fact(f.Suppressions, noted.of(factSuppressions), func(all []account.Suppression) []SuppressFact {
			return each(all, func(s account.Suppression) SuppressFact { return SuppressFact{string(s.List), s.Code, s.Since} })
		}),
	}
}

// fact is a look-up with what came of it.
func fact[T, V any](k diagnosis.Known[T], why string, value func(T) V) Fact[V] {
	switch {
	case k.OK():
		return Fact[V]{State: StateKnown, Value: value(k.Value)}
	case k.Failed:
		return Fact[V]{State: StateFailed, Why: cmp.Or(why, "no usable answer")}
	}
	return Fact[V]{State: StateNotAsked}
}

// each is never nil: a list that is known to be empty is one.
func each[T, V any](all []T, one func(T) V) []V {
	out := make([]V, 0, len(all))
	for _, t := range all {
		out = append(out, one(t))
	}
	return out
}

func newAccountFact(a account.Account, asked account.Address) AccountFact {
	f := AccountFact{
		ID: a.ID, AtAddress: a.At(asked), CreatedAt: a.CreatedAt, ConfirmedAt: a.ConfirmedAt, ChangePending: a.UnconfirmedEmail != "",
		SignInEnabled: a.SignInEnabled, Origin: string(a.Origin), LastSignInAt: a.LastSignInAt, Subscriptions: len(a.Subscriptions),
	}
	for _, s := range a.Subscriptions {
		if s.Applied {
			f.Applied++
		}
	}
	if i := a.Identity; i != nil {
		f.Identity = &IdentityFact{
			i.Provider, i.Subject, emailSeen(i.Email, asked), i.EmailVerified, string(i.State), i.PasswordEnabled, i.TwoFactor,
		}
	}
	f.Memberships = each(a.BillingAccounts, func(m account.Membership) MembershipFact { return MembershipFact{m.ID, string(m.Role)} })
	f.Invitations = each(a.Invitations, func(i account.Invitation) BillingFact {
		return BillingFact{i.BillingAccount, account.RelationInvited, i.State, i.CreatedAt}
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

// WhyIncomplete is what kept the diagnosis from being one.
func (f Facts) WhyIncomplete() string {
	if f.Accounts.State == StateFailed {
		return f.Accounts.Why
	}
	return cmp.Or(f.Linked.Why, "whether there are accounts is not known")
}
