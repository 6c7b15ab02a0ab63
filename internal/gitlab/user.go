package gitlab

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"latchkey/internal/account"
)

var (
	errRights  = errors.New("the token is not an administrator's, or Admin Mode keeps its rights from it")
	errOther   = errors.New("another user than the one asked for")
	errState   = errors.New("a user without id, or in a state that is not known")
	errTwice   = errors.New("more than one user with the same email")
	errTooMany = errors.New("more users than are looked through")
	errSubject = errors.New("a subject that is no id of a user")
)

// member is a member of a JSON object that may be missing: what only administrators see is left out for
// everybody else, which must never be read as "empty".
type member[T any] struct {
	there bool
	value *T // nil: null
}

// UnmarshalJSON is called only where the member is there.
func (m *member[T]) UnmarshalJSON(raw []byte) error {
	m.there = true
	return json.Unmarshal(raw, &m.value)
}

func (m member[T]) or(fallback T) T {
	if m.value == nil {
		return fallback
	}
	return *m.value
}

// user is what GitLab shows an administrator of a user, as far as it matters here. Neither public_email
// nor commit_email nor the secondary emails are read: their owner can choose them among several, and only
// email is the one that signs in and gets the mail.
//
// Whether the user may use a password is not among it: an enterprise group forbids it in its SAML settings,
// which the Users API does not show.
type user struct {
	ID          int64             `json:"id"`
	Username    string            `json:"username"`
	State       string            `json:"state"`
	Locked      bool              `json:"locked"`
	Email       member[string]    `json:"email"`
	ConfirmedAt member[time.Time] `json:"confirmed_at"`
	TwoFactor   member[bool]      `json:"two_factor_enabled"`
}

// states maps GitLab's states. A deactivated user becomes active by signing in; all others that are not
// active were decided by somebody, or wait for a decision.
var states = map[string]account.IdentityState{
	"active":                   account.IdentityActive,
	"deactivated":              account.IdentityActive,
	"blocked":                  account.IdentityBlocked,
	"ldap_blocked":             account.IdentityBlocked,
	"blocked_pending_approval": account.IdentityBlocked,
	"banned":                   account.IdentityBlocked,
}

// rights reports whether GitLab showed what only administrators see.
func (u user) rights() bool { return u.Email.there && u.ConfirmedAt.there && u.TwoFactor.there }

// at reports whether address is the user's email, by Latchkey's own rule.
func (u user) at(address account.Address) bool { return address.Is(u.Email.or("")) }

// identity is the plain data, if the user is one that it can be made of.
func (u user) identity() (account.Identity, *Error) {
	state, known := states[u.State]
	if u.ID <= 0 || !known {
		return account.Identity{}, nonsense(0, errState)
	}
	if state == account.IdentityActive && u.Locked {
		state = account.IdentityLocked
	}
	return account.Identity{
		Provider: provider, Subject: strconv.FormatInt(u.ID, 10), Username: u.Username,
		Email: u.Email.or(""), EmailVerified: u.ConfirmedAt.value != nil, State: state,
		PasswordEnabled: true, TwoFactor: u.TwoFactor.or(false),
	}, nil
}
