package demo

import (
	"time"

	"latchkey/internal/account"
)

// otherPeople are one customer for each further situation, named after it.
func otherPeople(ago func(time.Duration) time.Time) []person {
	return []person{
		several(ago), linkedElsewhere(ago), changing(ago), suppressed(ago),
		locked(ago), withoutPassword(ago), left(ago),
		withoutBilling(ago), twice(ago), invited(ago), reseller(ago),
	}
}

// sound is an account with nothing wrong, for what is wrong with it to be added.
func sound(id, email, name, username string, ago func(time.Duration) time.Time) *account.Account {
	return &account.Account{
		ID: id, Email: email, Name: name, Origin: account.OriginSelfService, SignInEnabled: true,
		CreatedAt: ago(2 * year), ConfirmedAt: ago(2 * year), LastSignInAt: ago(60 * day),
		Identity: identity("200"+id, username, email),
	}
}

func several(ago func(time.Duration) time.Time) person {
	const address = "several-accounts@example.com"
	first := sound("1010", address, "Sven Several", "sven", ago)
	first.BillingAccounts, first.Subscriptions = manager("A-2010", "Sandbank Ferries"), subscription("Premium, 30 seats", true)
	second := &account.Account{
		ID: "1011", Email: address, Name: "Sven Several", Origin: account.OriginLegacy, SignInEnabled: true,
		CreatedAt: ago(7 * year), ConfirmedAt: ago(7 * year), LastSignInAt: ago(5 * year),
		BillingAccounts: manager("A-2011", "Sandbank Ferries (old)"), Subscriptions: subscription("Starter, 5 seats", true),
	}
	return person{Customer: Customer{address, "several-accounts", "Has two accounts with one address, an old one and a new one."}, account: first, second: second}
}

func linkedElsewhere(ago func(time.Duration) time.Time) person {
	const address, other = "identity-linked-elsewhere@example.com", "elsewhere@example.com"
	here := &account.Account{
		ID: "1012", Email: address, Name: "Elif Elsewhere", Origin: account.OriginSales, SignInEnabled: true,
		CreatedAt: ago(12 * day), ConfirmedAt: ago(12 * day),
		BillingAccounts: manager("A-2012", "Elder & Ash"), Subscriptions: subscription("Ultimate, 15 seats", false),
	}
	there := sound("1013", other, "Elif Elsewhere", "elif", ago)
	there.Identity.Email = address
	there.BillingAccounts, there.Subscriptions = manager("A-2013", "Elder & Ash Studio"), subscription("Premium, 3 seats", true)
	return person{
		Customer: Customer{address, "identity-linked-elsewhere", "Has an account from an order, and a GitLab.com account that is linked to an older one."},
		account:  here, second: there, spare: identity("2001113", "elsewhere", other),
	}
}

func changing(ago func(time.Duration) time.Time) person {
	const address = "email-change-pending@example.com"
	a := sound("1014", address, "Chen Change", "chen", ago)
	a.UnconfirmedEmail = "chen.new@example.com"
	a.BillingAccounts, a.Subscriptions = manager("A-2014", "Chenille Textiles"), subscription("Premium, 18 seats", true)
	return person{
		Customer: Customer{address, "email-change-pending", "Changed the account's email and never confirmed the new one."},
		account:  a, spare: identity("2001114", "chen-new", a.UnconfirmedEmail),
	}
}

func suppressed(ago func(time.Duration) time.Time) person {
	const address = "mail-suppressed@example.com"
	a := sound("1015", address, "Mila Suppressed", "mila", ago)
	a.BillingAccounts, a.Subscriptions = manager("A-2015", "Mistral Films"), subscription("Premium, 9 seats", true)
	return person{
		Customer:   Customer{address, "mail-suppressed", "The mailbox refused the portal's mail once, so the portal mails it no more."},
		account:    a,
		suppressed: &account.Suppression{List: account.ListBounces, Code: "550", Since: ago(16 * day)},
	}
}

func locked(ago func(time.Duration) time.Time) person {
	const address = "identity-locked@example.com"
	a := sound("1016", address, "Lena Locked", "lena", ago)
	a.Identity.State, a.Identity.TwoFactor = account.IdentityLocked, true
	a.BillingAccounts, a.Subscriptions = manager("A-2016", "Lantern Books"), subscription("Premium, 7 seats", true)
	return person{Customer: Customer{address, "identity-locked", "GitLab.com has locked the account there after several wrong passwords."}, account: a}
}

func withoutPassword(ago func(time.Duration) time.Time) person {
	const address = "password-disabled@example.com"
	a := sound("1017", address, "Pia Password", "pia", ago)
	a.Identity.PasswordEnabled = false
	a.BillingAccounts, a.Subscriptions = manager("A-2017", "Pinewood Power"), subscription("Ultimate, 120 seats", true)
	return person{Customer: Customer{address, "password-disabled", "The company lets its people's GitLab.com accounts have no password."}, account: a}
}

func left(ago func(time.Duration) time.Time) person {
	const address = "owner-left@example.com"
	a := sound("1018", address, "Olga Owner", "olga", ago)
	a.LastSignInAt = ago(year)
	a.BillingAccounts = []account.Membership{{ID: "A-2018", Name: "Orchard Robotics", Role: account.RoleFormerOwner}}
	a.Subscriptions = subscription("Premium, 45 seats", true)
	return person{
		Customer: Customer{address, "owner-left", "Reads the mailbox of a colleague who has left."},
		account:  a, spare: identity("2001118", "new-owner", "new-owner@example.com"),
	}
}

func withoutBilling(ago func(time.Duration) time.Time) person {
	const address = "no-billing-access@example.com"
	return person{
		Customer: Customer{address, "no-billing-access", "Signs in and sees nothing: the account is in no billing account."},
		account:  sound("1019", address, "Noor Nobilling", "noor", ago),
	}
}

func twice(ago func(time.Duration) time.Time) person {
	const address = "two-billing-accounts@example.com"
	a := sound("1020", address, "Tara Twobilling", "tara", ago)
	a.BillingAccounts, a.Subscriptions = manager("A-2020", "Tideway Marine"), subscription("Premium, 22 seats", true)
	return person{
		Customer:  Customer{address, "two-billing-accounts", "Is in one billing account, and Sold To contact of a second one."},
		account:   a,
		elsewhere: &billingAccount{"A-2120", "Tideway Holding", address},
	}
}

func invited(ago func(time.Duration) time.Time) person {
	const address = "invitation-pending@example.com"
	a := sound("1021", address, "Ivo Invited", "ivo", ago)
	a.CreatedAt, a.ConfirmedAt, a.LastSignInAt = ago(3*day), ago(3*day), ago(3*day)
	a.Invitations = []account.Invitation{{BillingAccount: "A-2121", State: account.InvitationOpen, CreatedAt: ago(2 * day)}}
	return person{
		Customer:  Customer{address, "invitation-pending", "Was invited to a billing account two days ago and hasn't accepted."},
		account:   a,
		elsewhere: &billingAccount{"A-2121", "Ivy Architects", "office@ivy-architects.example"},
	}
}

func reseller(ago func(time.Duration) time.Time) person {
	const address = "reseller-purchase@example.com"
	a := sound("1022", address, "Remy Reseller", "remy", ago)
	a.Origin = account.OriginReseller
	a.BillingAccounts, a.Subscriptions = manager("A-2022", "Rowan Hospitals"), subscription("Ultimate, 200 seats", false)
	return person{Customer: Customer{address, "reseller-purchase", "The company bought through a reseller."}, account: a}
}
