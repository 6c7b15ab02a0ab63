package recovery

import (
	"context"
	"errors"

	"latchkey/internal/account"
)

// Identities asks the identity provider who an identity is now. What the customer portal keeps of it is a
// copy that grows old. Both methods keep ctx's deadline; an error wraps ErrIdentities for anything but a
// usable answer, and is ErrNotFound where the provider is sure that there is none. Where no Identities are
// configured, the copy counts.
//
// PasswordEnabled of an answer is true where the provider does not say otherwise; nothing may follow from
// it alone.
type Identities interface {
	// BySubject is the identity with this id as it stands now.
	BySubject(ctx context.Context, subject string) (account.Identity, error)
	// ByEmail is the identity whose current, primary and confirmed email is address: no other email of
	// an identity establishes that its owner reads this mailbox (R2).
	ByEmail(ctx context.Context, address account.Address) (account.Identity, error)
}

// ErrIdentities is wrapped by every failure of the identity provider's API.
var ErrIdentities = errors.New("identity provider: no usable answer")
