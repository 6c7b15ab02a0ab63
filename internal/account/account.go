package account

import "time"

// Origin says how an account came to be.
type Origin string

// The origins of the Customer Portal API.
const (
	OriginSelfService Origin = "self-service"
	OriginLegacy      Origin = "legacy"
	OriginSales       Origin = "sales"
	OriginReseller    Origin = "reseller"
)

// Account is an account of the customer portal. Zero times mean "not" or "never".
type Account struct {
	ID               string
	Email            string // stored bytes: mail for the account goes exactly here
	Name             string
	CreatedAt        time.Time
	ConfirmedAt      time.Time
	UnconfirmedEmail string // a change of address that waits for its confirmation
	SignInEnabled    bool
	Origin           Origin
	LastSignInAt     time.Time
	Identity         *Identity // nil: not linked
	BillingAccounts  []Membership
	Subscriptions    []Subscription
	Invitations      []Invitation
}

// Confirmed reports whether the account's address has been confirmed.
func (a Account) Confirmed() bool { return !a.ConfirmedAt.IsZero() }

// At reports whether address is the account's own address.
func (a Account) At(address Address) bool { return address.Is(a.Email) }

// IdentityState is the state of an identity as its provider reports it.
type IdentityState string

// The states of an identity.
const (
	IdentityActive  IdentityState = "active"
	IdentityLocked  IdentityState = "locked"
	IdentityBlocked IdentityState = "blocked"
)

// Identity is the single-sign-on account linked to an account. It is known by Provider and Subject,
// never by Email.
type Identity struct {
	Provider        string
	Subject         string
	Username        string
	Email           string // the identity's current email, as far as the source of the facts knows it
	EmailVerified   bool
	State           IdentityState
	PasswordEnabled bool
	TwoFactor       bool
}

// Is reports whether i is the identity that its provider knows by this subject. An empty subject is nobody's.
func (i *Identity) Is(provider, subject string) bool {
	return i != nil && subject != "" && i.Provider == provider && i.Subject == subject
}

// Role is what a member may do in a billing account; vendors have roles of their own.
type Role string

// The roles that mean something here.
const (
	RoleManager Role = "manager"
	// RoleFormerOwner is a member who has left and whom nobody has followed yet, as far as the vendor knows.
	RoleFormerOwner Role = "former-owner"
)

// Membership is an account's place in a billing account.
type Membership struct {
	ID   string
	Name string
	Role Role
}

// Subscription is a subscription of the account; Applied tells whether it is in use by a group.
type Subscription struct {
	Name    string
	Applied bool
}

// The states of an invitation.
const (
	InvitationOpen     = "open"
	InvitationAccepted = "accepted"
	InvitationExpired  = "expired"
)

// Invitation invites the account to a billing account.
type Invitation struct {
	BillingAccount string
	State          string
	CreatedAt      time.Time
}

// How an address relates to a billing account.
const (
	RelationSoldTo  = "sold-to"
	RelationBillTo  = "bill-to"
	RelationInvited = "invited"
)

// BillingRelation is a billing account seen from one address: how the address relates to it, and never
// its name.
type BillingRelation struct {
	ID              string
	Relation        string
	InvitationState string
	CreatedAt       time.Time
}
