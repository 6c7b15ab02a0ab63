package demo

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/account"
)

// Column is a column of a file of accounts.
type Column struct {
	Name string
	// About says what it holds, and what an empty one means.
	About string
	// Required columns have to be in the header.
	Required bool

	of  part
	set func(r *row, text string) error // text is never empty
}

// part is what a column tells of.
type part int

const (
	ofAccount part = iota
	ofIdentity
	ofBilling
	ofInvitation
)

// row is one line of a file of accounts.
type row struct {
	line       int
	account    account.Account
	identity   account.Identity
	membership account.Membership
	// subscription and invitation are of the row's billing accounts; they have no name and none where there
	// is none.
	subscription account.Subscription
	invitation   account.Invitation
	set          map[part]bool // what the row says anything of
}

// newRow has what an empty column means.
func newRow(line int) *row {
	return &row{
		line:    line,
		account: account.Account{SignInEnabled: true, Origin: account.OriginSelfService},
		identity: account.Identity{
			Provider: "gitlab", EmailVerified: true, State: account.IdentityActive, PasswordEnabled: true,
		},
		membership: account.Membership{Role: account.RoleManager},
		invitation: account.Invitation{State: account.InvitationOpen},
		set:        map[part]bool{},
	}
}

// Columns are those that a file of accounts may have, in any order.
func Columns() []Column {
	return slices.Concat(accountColumnsOfFile(), identityColumnsOfFile(), billingColumnsOfFile())
}

func accountColumnsOfFile() []Column {
	return []Column{
		{"id", "the account's id; empty: one that follows from the email", false, ofAccount, id(func(r *row) *string { return &r.account.ID })},
		{"email", "the account's address", true, ofAccount, address(func(r *row) *string { return &r.account.Email })},
		{"name", "the person's name", false, ofAccount, text(func(r *row) *string { return &r.account.Name })},
		{"created_at", "when the account was made; empty: when it was confirmed, or else now", false, ofAccount, moment(func(r *row) *time.Time { return &r.account.CreatedAt })},
		{"confirmed_at", "when its address was confirmed; empty: never", true, ofAccount, moment(func(r *row) *time.Time { return &r.account.ConfirmedAt })},
		{"unconfirmed_email", "a new address that waits for its confirmation", false, ofAccount, address(func(r *row) *string { return &r.account.UnconfirmedEmail })},
		{"sign_in_enabled", "true or false; empty: true", false, ofAccount, yesNo(func(r *row) *bool { return &r.account.SignInEnabled })},
		{"origin", "self-service, legacy, sales or reseller; empty: self-service", false, ofAccount, oneOf(
			func(r *row) *account.Origin { return &r.account.Origin },
			account.OriginSelfService, account.OriginLegacy, account.OriginSales, account.OriginReseller)},
		{"last_sign_in_at", "the newest sign-in; empty: never", false, ofAccount, moment(func(r *row) *time.Time { return &r.account.LastSignInAt })},
	}
}

func identityColumnsOfFile() []Column {
	return []Column{
		{"identity_provider", "gitlab, or another name; empty: gitlab", false, ofIdentity, text(func(r *row) *string { return &r.identity.Provider })},
		{"identity_subject", "the linked identity's id there; empty: not linked", false, ofIdentity, id(func(r *row) *string { return &r.identity.Subject })},
		{"identity_username", "its user name", false, ofIdentity, text(func(r *row) *string { return &r.identity.Username })},
		{"identity_email", "its email; empty: not known", false, ofIdentity, address(func(r *row) *string { return &r.identity.Email })},
		{"identity_email_verified", "true or false; empty: true", false, ofIdentity, yesNo(func(r *row) *bool { return &r.identity.EmailVerified })},
		{"identity_state", "active, locked or blocked; empty: active", false, ofIdentity, oneOf(
			func(r *row) *account.IdentityState { return &r.identity.State },
			account.IdentityActive, account.IdentityLocked, account.IdentityBlocked)},
		{"identity_password_enabled", "true or false; empty: true", false, ofIdentity, yesNo(func(r *row) *bool { return &r.identity.PasswordEnabled })},
		{"identity_two_factor", "true or false; empty: false", false, ofIdentity, yesNo(func(r *row) *bool { return &r.identity.TwoFactor })},
	}
}

func billingColumnsOfFile() []Column {
	return []Column{
		{"billing_account_id", "a billing account that the account is a member of; empty: none", false, ofBilling, id(func(r *row) *string { return &r.membership.ID })},
		{"billing_account_name", "its name", false, ofBilling, text(func(r *row) *string { return &r.membership.Name })},
		{"role", "manager, former-owner or another; empty: manager", false, ofBilling, text(func(r *row) *account.Role { return &r.membership.Role })},
		{"subscription", "a subscription of the billing account", false, ofBilling, text(func(r *row) *string { return &r.subscription.Name })},
		{"applied", "whether that is in use by a group, true or false; empty: false", false, ofBilling, yesNo(func(r *row) *bool { return &r.subscription.Applied })},
		{"invitation_billing_account_id", "a billing account that the address was invited to", false, ofInvitation, id(func(r *row) *string { return &r.invitation.BillingAccount })},
		{"invitation_state", "open, accepted or expired; empty: open", false, ofInvitation, oneOf(
			func(r *row) *string { return &r.invitation.State },
			account.InvitationOpen, account.InvitationAccepted, account.InvitationExpired)},
		{"invitation_created_at", "when that was; empty: now", false, ofInvitation, moment(func(r *row) *time.Time { return &r.invitation.CreatedAt })},
	}
}

// What is wrong with a value.
var (
	errNoAddress = errors.New("is no address such as somebody@example.com")
	errNoTime    = errors.New("is no time such as 2024-05-01T09:30:00Z, 2024-05-01 09:30:00 or 2024-05-01")
	errNoID      = errors.New("is no id: it is too long, or holds characters that none has")
	errNoYesNo   = errors.New("is neither true nor false")
)

func text[T ~string](field func(*row) *T) func(*row, string) error {
	return func(r *row, typed string) error {
		*field(r) = T(typed)
		return nil
	}
}

// maxID is the longest id that the API takes, in bytes.
const maxID = 128

func id(field func(*row) *string) func(*row, string) error {
	return func(r *row, typed string) error {
		control := func(c rune) bool { return c < ' ' || c == 0x7f }
		if typed == "." || typed == ".." || len(typed) > maxID || strings.ContainsFunc(typed, control) {
			return errNoID
		}
		*field(r) = typed
		return nil
	}
}

func address(field func(*row) *string) func(*row, string) error {
	return func(r *row, typed string) error {
		if _, err := account.ParseAddress(typed); err != nil {
			return errNoAddress
		}
		*field(r) = typed
		return nil
	}
}

// times are how exports write them; fractions of a second may follow, and without a zone they are in UTC.
var times = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-07", "2006-01-02 15:04:05 UTC",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
}

func moment(field func(*row) *time.Time) func(*row, string) error {
	return func(r *row, typed string) error {
		for _, layout := range times {
			if t, err := time.Parse(layout, typed); err == nil {
				*field(r) = t.UTC()
				return nil
			}
		}
		return errNoTime
	}
}

func yesNo(field func(*row) *bool) func(*row, string) error {
	return func(r *row, typed string) error {
		switch strings.ToLower(typed) {
		case "yes", "y":
			typed = "true"
		case "no", "n":
			typed = "false"
		}
		b, err := strconv.ParseBool(strings.ToLower(typed))
		if err != nil {
			return errNoYesNo
		}
		*field(r) = b
		return nil
	}
}

func oneOf[T ~string](field func(*row) *T, known ...T) func(*row, string) error {
	return func(r *row, typed string) error {
		if !slices.Contains(known, T(typed)) {
			names := make([]string, len(known))
			for i, k := range known {
				names[i] = string(k)
			}
			return errors.New("is none of " + strings.Join(names, ", "))
		}
		*field(r) = T(typed)
		return nil
	}
}
