package recovery

import "context"

// LinkSubject is the case of the link that this browser opened last for a purpose, for the log: its
// AddressHash is that of the address the link was mailed to. It is not shown. ErrLinkDead as HeldLink.
func (s *Service) LinkSubject(ctx context.Context, v *Visitor, purpose Purpose) (Case, error) {
	challenge, c, err := s.held(ctx, s.Store, v, purpose)
	if err != nil {
		return Case{}, err
	}
	c.AddressHash = challenge.AddressHash
	return c, nil
}
