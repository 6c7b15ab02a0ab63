package recovery

import (
	"context"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Examine asks everything about an address without a case and without a proof, for an admin's dry run. It
// needs no Store and writes nothing. What gave no usable answer is marked so in the facts.
func (s *Service) Examine(ctx context.Context, a account.Address) (diagnosis.Facts, error) {
	return s.facts(ctx, Case{}, a, nil)
}
