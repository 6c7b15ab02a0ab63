package diagnosis

import (
	"strconv"

	"latchkey/internal/account"
)

// SeveralAccounts is a customer with more than one account: each of them is at the address, or is established
// by an identity of theirs.
const SeveralAccounts ID = "several-accounts"

func severalAccounts() Situation {
	return Situation{
		ID: SeveralAccounts, Order: Hinders, Scope: OfAccounts, Drawing: DrawSeveral, AsksIdentity: true,
		Offers: []Action{HandOff},
		Proofs: ownership(),
		Find:   findSeveralAccounts,
	}
}

// What to do with each account stands with it; together there is only the choice, and for support to merge.
func findSeveralAccounts(f Facts, _ *account.Account) (Evidence, bool) {
	own, linked := len(ownAccounts(f)), len(linkedAccounts(f))
	if own+linked < 2 {
		return Evidence{}, false
	}
	return because(SeveralAccounts, "accounts.address", strconv.Itoa(own), "accounts.identity", strconv.Itoa(linked)), true
}
