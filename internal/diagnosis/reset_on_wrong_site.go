package diagnosis

import (
	"time"

	"latchkey/internal/account"
)

// ResetOnWrongSite is a password reset asked for at the identity provider by somebody who wanted into the
// customer portal.
const ResetOnWrongSite ID = "reset-on-wrong-site"

func resetOnWrongSite() Situation {
	return Situation{
		ID: ResetOnWrongSite, Order: Explains, Scope: OfAccount, Drawing: DrawWrongSite,
		Offers: []Action{SignIn},
		Proofs: []Proof{ProofMailbox},
		Find:   findResetOnWrongSite,
	}
}

// Only for the account at the address that the reset went to, and only while its owner has not signed in
// since: then the reset is no longer what keeps them out.
func findResetOnWrongSite(f Facts, a *account.Account) (Evidence, bool) {
	reset := f.Resets.Value
	if !resetElsewhere(f) || !a.At(f.Address) || a.LastSignInAt.After(reset.Identity) {
		return Evidence{}, false
	}
	portal := "none"
	if !reset.Portal.IsZero() {
		portal = "older"
	}
	e := because(ResetOnWrongSite, "reset.identity", reset.Identity.UTC().Format(time.RFC3339), "reset.portal", portal)
	e.At, e.From = reset.Identity, reset.From
	return e, true
}

// resetElsewhere reports whether the identity provider sent the address a reset lately and the portal
// sent none after it. How lately is for who asks the mail log to say: it tells of nothing older.
func resetElsewhere(f Facts) bool {
	reset := f.Resets.Value
	return f.Resets.OK() && !reset.Identity.IsZero() && !reset.Portal.After(reset.Identity)
}
