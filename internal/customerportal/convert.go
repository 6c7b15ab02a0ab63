package customerportal

import (
	"errors"
	"time"

	"latchkey/internal/account"
)

// maxIDBytes bounds the ids of accounts, which travel through forms and rows.
const maxIDBytes = 128

var (
	errID       = errors.New("an id that is empty, too long or holds control characters")
	errOrigin   = errors.New("an origin that the API does not know")
	errIdentity = errors.New("an identity without provider, subject or a known state")
	errCreated  = errors.New("no time of creation")
)

// account checks what the JSON's shape cannot say and gives the plain data.
func (a Account) account() (account.Account, error) {
	if !validID(a.ID) {
		return account.Account{}, errID
	}
	if a.CreatedAt.IsZero() {
		return account.Account{}, errCreated
	}
	origin, err := originOf(a.Origin)
	if err != nil {
		return account.Account{}, err
	}
	identity, err := a.Identity.identity()
	if err != nil {
		return account.Account{}, err
	}
	out := account.Account{
		ID: a.ID, Email: a.Email, Name: a.Name, CreatedAt: a.CreatedAt.UTC(), ConfirmedAt: timeOf(a.ConfirmedAt),
		SignInEnabled: a.SignInEnabled, Origin: origin, LastSignInAt: timeOf(a.LastSignInAt), Identity: identity,
	}
	if a.UnconfirmedEmail != nil {
		out.UnconfirmedEmail = *a.UnconfirmedEmail
	}
	a.lists(&out)
	return out, nil
}

func (a Account) lists(out *account.Account) {
	for _, m := range a.BillingAccounts {
		out.BillingAccounts = append(out.BillingAccounts, account.Membership{ID: m.ID, Name: m.Name, Role: account.Role(m.Role)})
	}
	for _, s := range a.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, account.Subscription(s))
	}
	for _, i := range a.Invitations {
		out.Invitations = append(out.Invitations, account.Invitation{
			BillingAccount: i.BillingAccount, State: i.State, CreatedAt: i.CreatedAt.UTC(),
		})
	}
}

func (i *Identity) identity() (*account.Identity, error) {
	if i == nil {
		return nil, nil
	}
	state := account.IdentityState(i.State)
	switch state {
	case account.IdentityActive, account.IdentityLocked, account.IdentityBlocked:
	default:
		return nil, errIdentity
	}
	if i.Provider == "" || i.Subject == "" {
		return nil, errIdentity
	}
	return &account.Identity{
		Provider: i.Provider, Subject: i.Subject, Username: i.Username, Email: i.Email,
		EmailVerified: i.EmailVerified, State: state, PasswordEnabled: i.PasswordEnabled, TwoFactor: i.TwoFactor,
	}, nil
}

func originOf(s string) (account.Origin, error) {
	switch o := account.Origin(s); o {
	case account.OriginSelfService, account.OriginLegacy, account.OriginSales, account.OriginReseller:
		return o, nil
	}
	return "", errOrigin
}

// validID keeps out what could not travel in a path segment or a form; a lone dot would be read as a
// step in the path.
func validID(id string) bool {
	if id == "" || id == "." || id == ".." || len(id) > maxIDBytes {
		return false
	}
	for _, c := range []byte(id) {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// FromAccount is the JSON of an account, for a server that speaks the API.
func FromAccount(a account.Account) Account {
	out := Account{
		ID: a.ID, Email: a.Email, Name: a.Name, CreatedAt: a.CreatedAt.UTC(), ConfirmedAt: pointer(a.ConfirmedAt),
		SignInEnabled: a.SignInEnabled, Origin: string(a.Origin), LastSignInAt: pointer(a.LastSignInAt),
		BillingAccounts: []Membership{}, Subscriptions: []Subscription{}, Invitations: []Invitation{},
	}
	if a.UnconfirmedEmail != "" {
		out.UnconfirmedEmail = &a.UnconfirmedEmail
	}
	if i := a.Identity; i != nil {
		out.Identity = &Identity{
			Provider: i.Provider, Subject: i.Subject, Username: i.Username, Email: i.Email,
			EmailVerified: i.EmailVerified, State: string(i.State), PasswordEnabled: i.PasswordEnabled, TwoFactor: i.TwoFactor,
		}
	}
	for _, m := range a.BillingAccounts {
		out.BillingAccounts = append(out.BillingAccounts, Membership{ID: m.ID, Name: m.Name, Role: string(m.Role)})
	}
	for _, s := range a.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, Subscription(s))
	}
	for _, i := range a.Invitations {
		out.Invitations = append(out.Invitations, Invitation{
			BillingAccount: i.BillingAccount, State: i.State, CreatedAt: i.CreatedAt.UTC(),
		})
	}
	return out
}

func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
