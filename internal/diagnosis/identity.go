package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// own finds an identity among those that the customer signed in to: by provider and subject, never by
// email.
func (f Facts) own(i *account.Identity) (account.Identity, bool) {
	n := slices.IndexFunc(f.OwnIdentities, func(mine account.Identity) bool {
		return i.Subject != "" && mine.Provider == i.Provider && mine.Subject == i.Subject
	})
	if n < 0 {
		return account.Identity{}, false
	}
	return f.OwnIdentities[n], true
}
