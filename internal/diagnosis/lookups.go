package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// rule is a situation's Find.
type rule = func(Facts, *account.Account) (Evidence, bool)

func finds(found rule, f Facts, a account.Account) bool {
	_, ok := found(f, &a)
	return ok
}

// lookUp is a check that needs an answer about the address beside the accounts.
type lookUp struct {
	id         CheckID
	ok, failed func(Facts) bool
	wrong      []rule // what it would have found
}

func lookUps() []lookUp {
	return []lookUp{
		{
			CheckInvitations,
			func(f Facts) bool { return f.Contacts.OK() && f.Invitations.OK() },
			func(f Facts) bool { return f.Contacts.Failed || f.Invitations.Failed },
			[]rule{findInvitationPending, findTwoBillingAccounts},
		},
		{
			CheckPortalMail,
			func(f Facts) bool { return f.Suppressions.OK() },
			func(f Facts) bool { return f.Suppressions.Failed },
			[]rule{findMailSuppressed},
		},
		{
			CheckResets,
			func(f Facts) bool { return f.Resets.OK() && !resetElsewhere(f) },
			func(f Facts) bool { return f.Resets.Failed },
			nil,
		},
	}
}

// rightWith reports whether the check was made and found nothing wrong with any of the accounts.
func (l lookUp) rightWith(f Facts, accounts []account.Account) bool {
	for _, rule := range l.wrong {
		if slices.ContainsFunc(accounts, func(a account.Account) bool { return finds(rule, f, a) }) {
			return false
		}
	}
	return l.ok(f)
}
