package demo

import (
	"context"
	"errors"

	"latchkey/internal/account"
)

// Identity is somebody at the demo's identity provider, by the provider's id; false if there is nobody.
func (p *Portal) Identity(ctx context.Context, subject string) (account.Identity, bool, error) {
	i, err := identityBySubject(ctx, p.db, subject)
	if errors.Is(err, errNoPage) {
		return account.Identity{}, false, nil
	}
	return i, err == nil, err
}

// IdentitiesAt are those at the demo's identity provider whose email is the address.
func (p *Portal) IdentitiesAt(ctx context.Context, address string) ([]account.Identity, error) {
	rows, err := p.db.QueryContext(ctx, identityColumns+"WHERE canonical = $1", canonical(address))
	return collect(rows, err, scanIdentity)
}
