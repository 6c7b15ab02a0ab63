package recovery

import (
	"cmp"
	"context"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Say notes what the customer answers when asked what they saw, about the address looked at: a symptom, a
// message of Deps.Messages, or diagnosis.SaidNothing, which takes the answer back. The newest answer counts;
// giving it twice is giving it once. It is a step of the audit trail, so that support reads it with the rest
// of the case. ErrNoCase, ErrNotProven, ErrTooManySteps, ErrNotAllowed for what nobody asked.
func (s *Service) Say(ctx context.Context, v *Visitor, symptom diagnosis.Symptom) error {
	if !s.asked(symptom) {
		return ErrNotAllowed
	}
	return s.update(ctx, v, func(tx Tx) error {
		p, proof, err := withProof(s.progress(ctx, tx, v))
		if err != nil {
			return err
		}
		c := p.lookingAt(proof)
		before, err := s.saidIn(ctx, tx, *c)
		if err != nil || cmp.Or(before, diagnosis.SaidNothing) == symptom {
			return err
		}
		if err := s.mayStep(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.act(ctx, tx, c, ActSaid, string(symptom))
	})
}

// asked reports whether it is one of the answers offered.
func (s *Service) asked(symptom diagnosis.Symptom) bool {
	m, known := s.Messages.ByID(symptom)
	return known && m.Text != "" || symptom == diagnosis.SaidNothing || slices.Contains(diagnosis.Symptoms(), symptom)
}

// addSaid adds what the customer said about the address in this case, and what that is a sign of. Without a
// case nobody has said anything.
func (s *Service) addSaid(ctx context.Context, c Case, a account.Address, f *diagnosis.Facts) error {
	if c.Reference == "" {
		return nil
	}
	c.AddressHash = s.hash(a.String())
	symptom, err := s.saidIn(ctx, s.Store, c)
	if err == nil && symptom != "" {
		f.Said = []diagnosis.Symptom{symptom}
		f.Signs = s.Messages.Signs(f.Said)
	}
	return err
}

// saidIn is the newest answer about the case's address; "" for none.
func (s *Service) saidIn(ctx context.Context, r Reader, c Case) (diagnosis.Symptom, error) {
	acts, err := r.Audit(ctx, c.Reference)
	var said diagnosis.Symptom
	for _, a := range acts {
		if a.Act == ActSaid && a.AddressHash == c.AddressHash {
			said = diagnosis.Symptom(a.Detail)
		}
	}
	if said == diagnosis.SaidNothing {
		said = ""
	}
	return said, err
}
