package customerportal

import "time"

// The JSON of the Customer Portal API; openapi.yaml says what each member means. Every member is always
// present: what is not known is null, where the document allows it, or an empty list.

// Accounts answers a look-up.
type Accounts struct {
	Accounts []Account `json:"accounts"`
}

// Account is one account of the customer portal.
type Account struct {
	ID               string         `json:"id"`
	Email            string         `json:"email"`
	Name             string         `json:"name"`
	CreatedAt        time.Time      `json:"created_at"`
	ConfirmedAt      *time.Time     `json:"confirmed_at"`
	UnconfirmedEmail *string        `json:"unconfirmed_email"`
	SignInEnabled    bool           `json:"sign_in_enabled"`
	Origin           string         `json:"origin"`
	LastSignInAt     *time.Time     `json:"last_sign_in_at"`
	Identity         *Identity      `json:"identity"`
	BillingAccounts  []Membership   `json:"billing_accounts"`
	Subscriptions    []Subscription `json:"subscriptions"`
	Invitations      []Invitation   `json:"invitations"`
}

// Identity is the single-sign-on account that an account is linked to.
type Identity struct {
	Provider        string `json:"provider"`
	Subject         string `json:"subject"`
	Username        string `json:"username"`
	Email           string `json:"email"`
	EmailVerified   bool   `json:"email_verified"`
	State           string `json:"state"`
	PasswordEnabled bool   `json:"password_enabled"`
	TwoFactor       bool   `json:"two_factor"`
}

// Membership is an account's place in a billing account.
type Membership struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// Subscription is one subscription of the account's billing accounts.
type Subscription struct {
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Invitation invites the account to a billing account.
type Invitation struct {
	BillingAccount string    `json:"billing_account"`
	State          string    `json:"state"`
	CreatedAt      time.Time `json:"created_at"`
}

// BillingAccounts answers a look-up of billing accounts by an address that they know.
type BillingAccounts struct {
	BillingAccounts []BillingAccount `json:"billing_accounts"`
}

// BillingAccount is a billing account as one address sees it, without its name.
type BillingAccount struct {
	ID              string    `json:"id"`
	Relation        string    `json:"relation"`
	InvitationState *string   `json:"invitation_state"`
	CreatedAt       time.Time `json:"created_at"`
}

// Link is a one-time URL made for one press of a button.
type Link struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Problem is an error as RFC 9457 writes it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// The media types of answers.
const (
	MediaJSON    = "application/json"
	MediaProblem = "application/problem+json"
)
