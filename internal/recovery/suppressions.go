package recovery

import (
	"context"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Suppressions knows where the customer portal's own mail no longer goes. Where none is configured, the
// check is not made and not listed.
type Suppressions interface {
	// Of returns the lists of the portal's sending domain that hold address, which is an account's stored
	// bytes. It keeps ctx's deadline, and its errors hold no address.
	Of(ctx context.Context, address string) ([]account.Suppression, error)
}

// suppressions reads the lists for the accounts at the proven address, and for no other: after proof, and
// only where there is an account (R1).
func (s *Service) suppressions(
	ctx context.Context, a account.Address, found []account.Account,
) diagnosis.Known[[]account.Suppression] {
	if s.Suppressions == nil {
		return diagnosis.Known[[]account.Suppression]{}
	}
	var listed []account.Suppression
	seen := map[string]bool{}
	for _, own := range found {
		if !own.At(a) || seen[own.Email] {
			continue
		}
		seen[own.Email] = true
		lists, err := s.Suppressions.Of(ctx, own.Email)
		if err != nil {
			return diagnosis.NoAnswer[[]account.Suppression]()
		}
		listed = append(listed, lists...)
	}
	if len(seen) == 0 {
		return diagnosis.Known[[]account.Suppression]{}
	}
	return diagnosis.Answer(listed)
}
