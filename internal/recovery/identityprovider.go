package recovery

import (
	"context"
	"errors"

	"latchkey/internal/account"
)

// IdentityProvider has a customer sign in at the identity provider, so as to show that an identity is
// theirs. Both methods that ask the provider keep ctx's deadline and return an error that wraps
// ErrIdentityProvider for anything but a usable answer.
type IdentityProvider interface {
	// Issuer vouches for what Redeem returns.
	Issuer() string
	// SignInURL is where the browser goes. State comes back with it.
	SignInURL(ctx context.Context, s IdentitySecrets) (string, error)
	// Redeem exchanges the code that came back for the identity that was signed in to: Provider and
	// Subject always, Email only where the provider calls it verified. It spends the code.
	Redeem(ctx context.Context, code string, s IdentitySecrets) (account.Identity, error)
}

// IdentitySecrets are what one sign-in hangs on, all derived from its request.
type IdentitySecrets struct {
	State    string // in the URL there and back: which request this is
	Nonce    string // in the provider's answer: that it answers this request
	Verifier string // PKCE: who redeems the code is who asked for it
}

// ErrIdentityProvider is wrapped by every sign-in that the identity provider did not confirm.
var ErrIdentityProvider = errors.New("identity provider: sign-in not confirmed")
