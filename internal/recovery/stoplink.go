package recovery

import (
	"context"
	"errors"

	"latchkey/internal/secret"
)

// A proof mail has two links: one proves, the other stops such mails. The second has no row of its own until
// it is used, which few are: its id is that of the challenge mailed with it but for one bit, and everything
// else of it follows from that challenge.

// stopLink is the second link of the mail that carries a proof's challenge.
func (s *Service) stopLink(proof Challenge) Challenge {
	return Challenge{
		ID: secret.SiblingID(proof.ID), KeyID: proof.KeyID, Purpose: PurposeStop, CaseID: proof.CaseID,
		Address: proof.Address, AddressHash: proof.AddressHash,
		CreatedAt: proof.CreatedAt, ExpiresAt: proof.CreatedAt.Add(s.Policy.StopLinkFor), derived: true,
	}
}

// mailed is the challenge of a mailed link. ErrNotFound.
func (s *Service) mailed(ctx context.Context, r Reader, id string) (Challenge, error) {
	c, err := r.Challenge(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return c, err
	}
	proof, err := r.Challenge(ctx, secret.SiblingID(id))
	if err == nil && proof.Purpose != PurposeProve {
		err = ErrNotFound
	}
	if err != nil {
		return Challenge{}, err
	}
	return s.stopLink(proof), nil
}

// useUp marks a challenge as used; false where it was used before, or is past its end. Whoever is second to
// use a link without a row finds the row of the first.
func (s *Service) useUp(ctx context.Context, tx Tx, c Challenge) (bool, error) {
	if !c.derived {
		return tx.UseChallenge(ctx, c.ID, s.Now())
	}
	c.UsedAt = s.Now()
	return true, tx.InsertChallenge(ctx, c)
}
