package diagnosis

import "latchkey/internal/account"

// UnlinkedLegacy is an account made before, or outside of, signing in through the identity provider, and
// never linked since.
const UnlinkedLegacy ID = "unlinked-legacy"

func unlinkedLegacy() Situation {
	return Situation{
		ID: UnlinkedLegacy, Order: Hinders, Scope: OfAccount, Drawing: DrawMissing, AsksIdentity: true,
		Offers: []Action{SignIn, EmailSignInLink},
		Proofs: []Proof{ProofMailbox},
		Find:   findUnlinkedLegacy,
	}
}

// An account that is not confirmed yet has simply not got as far as being linked.
func findUnlinkedLegacy(_ Facts, a *account.Account) (Evidence, bool) {
	if a.Identity != nil || !a.Confirmed() || a.Origin == account.OriginSales {
		return Evidence{}, false
	}
	origin := string(a.Origin)
	if origin == "" {
		origin = "unknown"
	}
	return because(UnlinkedLegacy, "identity", "none", "confirmed_at", "set", "origin", origin), true
}
