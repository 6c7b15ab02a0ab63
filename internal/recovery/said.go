package recovery

import (
	"context"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Say notes what the customer tells about the address looked at. It is a step of the audit trail, so that
// support reads it with the rest of the case; saying it twice is saying it once. ErrNoCase, ErrNotProven,
// ErrNotAllowed for what nobody asked.
func (s *Service) Say(ctx context.Context, v *Visitor, symptom diagnosis.Symptom) error {
	if !slices.Contains(diagnosis.Symptoms(), symptom) {
		return ErrNotAllowed
	}
	return s.update(ctx, v, func(tx Tx) error {
		p, err := s.progress(ctx, tx, v)
		if err != nil {
			return err
		}
		proof, err := p.current()
		if err != nil {
			return err
		}
		p.Case.Address, p.Case.AddressHash = proof.Address, proof.AddressHash
		before, err := s.saidIn(ctx, tx, *p.Case)
		if err != nil || slices.Contains(before, symptom) {
			return err
		}
		return s.act(ctx, tx, p.Case, ActSaid, string(symptom))
	})
}

// said is what the customer told about a proven address in this case.
func (s *Service) said(ctx context.Context, c Case, a account.Address) ([]diagnosis.Symptom, error) {
	c.AddressHash = s.hash(a.String())
	return s.saidIn(ctx, s.Store, c)
}

func (s *Service) saidIn(ctx context.Context, r Reader, c Case) ([]diagnosis.Symptom, error) {
	acts, err := r.Audit(ctx, c.Reference)
	var said []diagnosis.Symptom
	for _, a := range acts {
		if a.Act == ActSaid && a.AddressHash == c.AddressHash {
			said = append(said, diagnosis.Symptom(a.Detail))
		}
	}
	return said, err
}
