package demo

import (
	"slices"
	"time"

	"latchkey/internal/account"
)

// Customer is one person of the demo, to try the journey as.
type Customer struct {
	// Address is what they type.
	Address string
	// Situation is the id of what Latchkey will find; empty where they never get that far.
	Situation string
	// About says in one sentence who they are.
	About string
}

// BouncedAddress is the mailbox whose server refuses everything.
const BouncedAddress = "bounced@example.com"

// resetAddress asked the identity provider for a password reset a while ago.
const resetAddress = "reset@example.com"

// Customers lists the demo's customers in the order to try them in.
func Customers() []Customer {
	var list []Customer
	for _, p := range people(time.Time{}) {
		list = append(list, p.Customer)
	}
	return list
}

// Addresses are all that the demo's accounts, identities and billing accounts have, and Names all of their
// names: what a test of privacy looks for.
func Addresses() []string {
	var all []string
	for _, p := range people(time.Time{}) {
		all = append(all, p.Address)
		for _, a := range p.accounts() {
			all = append(all, a.Email, a.UnconfirmedEmail)
			if a.Identity != nil {
				all = append(all, a.Identity.Email)
			}
		}
		if p.spare != nil {
			all = append(all, p.spare.Email)
		}
		if p.elsewhere != nil {
			all = append(all, p.elsewhere.contact)
		}
	}
	return each(all)
}

// Names are described at Addresses.
func Names() []string {
	var all []string
	for _, p := range people(time.Time{}) {
		for _, a := range p.accounts() {
			all = append(all, a.Name)
			for _, b := range a.BillingAccounts {
				all = append(all, b.ID, b.Name)
			}
		}
		if p.elsewhere != nil {
			all = append(all, p.elsewhere.id, p.elsewhere.name)
		}
	}
	return each(all)
}

// BillingOf are the ids of the billing accounts that the accounts of a demo customer are members of.
func BillingOf(address string) []string {
	var all []string
	for _, p := range people(time.Time{}) {
		if p.Address != address {
			continue
		}
		for _, a := range p.accounts() {
			for _, b := range a.BillingAccounts {
				all = append(all, b.ID)
			}
		}
	}
	return all
}

// each is every text once, without the empty one.
func each(all []string) []string {
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// person is a customer with what the portal, its mail service and the identity provider know of them.
type person struct {
	Customer
	account *account.Account // nil: none
	second  *account.Account // nil: no second one
	// spare is an identity that no account is linked to.
	spare *account.Identity
	// elsewhere is a billing account that the customer is no member of.
	elsewhere *billingAccount
	// suppressed is why the portal's mail no longer goes to the customer.
	suppressed *account.Suppression
}

type billingAccount struct{ id, name, contact string }

func (p person) accounts() []account.Account {
	var all []account.Account
	for _, a := range []*account.Account{p.account, p.second} {
		if a != nil {
			all = append(all, *a)
		}
	}
	return all
}

// people are the customers as they are first written, seen from now.
func people(now time.Time) []person {
	ago := func(d time.Duration) time.Time { return now.Add(-d).UTC().Truncate(time.Second) }
	return slices.Concat(usualPeople(ago), otherPeople(ago))
}

const day, year = 24 * time.Hour, 365 * 24 * time.Hour

// usualPeople are in the situations that most customers are in.
func usualPeople(ago func(time.Duration) time.Time) []person {
	return []person{
		{
			Customer: Customer{"healthy@example.com", "ready", "Everything is right with this account."},
			account: &account.Account{
				ID: "1001", Email: "healthy@example.com", Name: "Hanna Healthy", Origin: account.OriginSelfService, SignInEnabled: true,
				CreatedAt: ago(2 * year), ConfirmedAt: ago(2 * year), LastSignInAt: ago(20 * day),
				Identity:        identity("2000101", "hanna", "healthy@example.com"),
				BillingAccounts: manager("A-2001", "Harbour Foods Ltd"), Subscriptions: subscription("Premium, 12 seats", true),
			},
		},
		{
			Customer: Customer{resetAddress, "reset-on-wrong-site", "Reset the GitLab.com password to get into the Customers Portal."},
			account: &account.Account{
				ID: "1002", Email: resetAddress, Name: "Rui Reset", Origin: account.OriginSelfService, SignInEnabled: true,
				CreatedAt: ago(3 * year), ConfirmedAt: ago(3 * year), LastSignInAt: ago(200 * day),
				Identity:        identity("2000102", "rui", resetAddress),
				BillingAccounts: manager("A-2002", "Riverside Clinics"), Subscriptions: subscription("Premium, 60 seats", true),
			},
		},
		{
			Customer: Customer{"unconfirmed@example.com", "unconfirmed", "Signed up two days ago and never opened the confirmation."},
			account: &account.Account{
				ID: "1003", Email: "unconfirmed@example.com", Name: "Uma Unconfirmed", Origin: account.OriginSelfService, SignInEnabled: true,
				CreatedAt: ago(2 * day), Identity: identity("2000103", "uma", "unconfirmed@example.com"),
				BillingAccounts: manager("A-2003", "Uma Ndiaye Consulting"),
			},
		},
		{
			Customer: Customer{
				"firstname_lastname@organization.com", "different-email",
				"Has an account at firstname.lastname@organization.com, with a dot.",
			},
			account: &account.Account{
				ID: "1004", Email: "firstname.lastname@organization.com", Name: "Firstname Lastname", Origin: account.OriginSelfService, SignInEnabled: true,
				CreatedAt: ago(year), ConfirmedAt: ago(year), LastSignInAt: ago(90 * day),
				Identity:        identity("2000104", "firstname.lastname", "firstname.lastname@organization.com"),
				BillingAccounts: manager("A-2004", "Organization"), Subscriptions: subscription("Ultimate, 300 seats", true),
			},
			spare: identity("2000114", "firstname_lastname", "firstname_lastname@organization.com"),
		},
		{
			Customer: Customer{"customerX@example.com", "unlinked-legacy", "Has an account from before GitLab.com sign-in, linked to nothing."},
			account: &account.Account{
				ID: "1005", Email: "customerX@example.com", Name: "Xenia Customer", Origin: account.OriginLegacy, SignInEnabled: true,
				CreatedAt: ago(6 * year), ConfirmedAt: ago(6 * year), LastSignInAt: ago(3 * year),
				BillingAccounts: manager("A-2005", "Xylem Instruments"), Subscriptions: subscription("Premium, 25 seats", true),
			},
			spare: identity("2000105", "customerx", "customerX@example.com"),
		},
		{
			Customer: Customer{"customerY@example.com", "unlinked-sales", "Signed an order; the account was made from it and linked to nothing."},
			account: &account.Account{
				ID: "1006", Email: "customerY@example.com", Name: "Yuki Customer", Origin: account.OriginSales, SignInEnabled: true,
				CreatedAt: ago(9 * day), ConfirmedAt: ago(9 * day),
				BillingAccounts: manager("A-2006", "Yarrow Logistics"), Subscriptions: subscription("Ultimate, 40 seats", false),
			},
			spare: identity("2000106", "customery", "customerY@example.com"),
		},
		{
			Customer: Customer{
				"customerZ@example.com", "linked-email-mismatch",
				"The account is linked to the GitLab.com account of gitlabZ@example.com.",
			},
			account: &account.Account{
				ID: "1007", Email: "customerZ@example.com", Name: "Zoe Customer", Origin: account.OriginSelfService, SignInEnabled: true,
				CreatedAt: ago(2 * year), ConfirmedAt: ago(2 * year), LastSignInAt: ago(150 * day),
				Identity:        identity("2000107", "gitlabz", "gitlabZ@example.com"),
				BillingAccounts: manager("A-2007", "Zeppelin Studios"), Subscriptions: subscription("Premium, 8 seats", true),
			},
			spare: identity("2000117", "customerz", "customerZ@example.com"),
		},
		{
			Customer: Customer{"disabled@example.com", "sign-in-disabled", "The vendor has switched signing in off."},
			account: &account.Account{
				ID: "1008", Email: "disabled@example.com", Name: "Dana Disabled", Origin: account.OriginSelfService,
				CreatedAt: ago(4 * year), ConfirmedAt: ago(4 * year), LastSignInAt: ago(year),
				Identity:        identity("2000108", "dana", "disabled@example.com"),
				BillingAccounts: manager("A-2008", "Dunlin Press"), Subscriptions: subscription("Premium, 5 seats", true),
			},
		},
		{
			Customer: Customer{BouncedAddress, "", "The mailbox refuses our mail, so the first page says so."},
			account: &account.Account{
				ID: "1009", Email: BouncedAddress, Name: "Bo Bounced", Origin: account.OriginSelfService, SignInEnabled: true,
				CreatedAt: ago(year), ConfirmedAt: ago(year), LastSignInAt: ago(40 * day),
				Identity:        identity("2000109", "bo", BouncedAddress),
				BillingAccounts: manager("A-2009", "Bogong Outdoor"), Subscriptions: subscription("Premium, 10 seats", true),
			},
		},
		{Customer: Customer{"nobody@example.com", "different-email", "Has no account here."}},
	}
}

// identity is an ordinary account at the identity provider.
func identity(subject, username, email string) *account.Identity {
	return &account.Identity{
		Provider: "gitlab", Subject: subject, Username: username, Email: email, EmailVerified: true,
		State: account.IdentityActive, PasswordEnabled: true,
	}
}

func manager(id, name string) []account.Membership {
	return []account.Membership{{ID: id, Name: name, Role: "manager"}}
}

func subscription(name string, applied bool) []account.Subscription {
	return []account.Subscription{{Name: name, Applied: applied}}
}
