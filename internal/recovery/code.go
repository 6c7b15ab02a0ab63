package recovery

import (
	"context"
	"slices"

	"latchkey/internal/secret"
)

// EnterCode proves a mailbox by the code from its mail. The try is counted against every live code of
// the case, in the same transaction and before anything is compared (R5); what comes out is told only
// once that has been stored. On success the session has a new cookie.
func (s *Service) EnterCode(ctx context.Context, v *Visitor, typed string) error {
	code, ok := secret.NormalizeCode(typed)
	if !ok {
		return ErrCodeForm
	}
	proven := false
	err := s.update(ctx, v, func(tx Tx) error {
		proven = false
		p, err := s.progress(ctx, tx, v)
		if err != nil {
			return err
		}
		if p.Case == nil {
			return ErrNoCase
		}
		hit, err := s.compare(ctx, tx, p.Case.ID, code)
		if err != nil {
			return err
		}
		if hit == nil {
			return s.audit(ctx, tx, *p.Case, ActWrongCode, "")
		}
		proven = true
		return s.prove(ctx, tx, v, p.Case, p.Proofs, *hit, ViaCode)
	})
	if err == nil && !proven {
		return ErrWrongCode
	}
	return err
}

// compare counts a try and returns the challenge whose code was typed, used up, or nil. Addresses whose
// wrong codes of the day are spent are not compared at all. A try counts against a used code as well, so
// that a tab whose code was used elsewhere runs out of tries like any other.
func (s *Service) compare(ctx context.Context, tx Tx, caseID, code string) (*Challenge, error) {
	counted, err := tx.CountTry(ctx, caseID, s.Policy.CodeTries, s.Now())
	if err != nil {
		return nil, err
	}
	allowed, err := s.countWrong(ctx, tx, counted)
	if err != nil {
		return nil, err
	}
	for _, c := range counted {
		if !c.UsedAt.IsZero() || !allowed[c.AddressHash] || !s.Keys.CodeEqual(c.KeyID, c.ID, code) {
			continue
		}
		used, err := tx.UseChallenge(ctx, c.ID, s.Now())
		if err != nil || !used {
			return nil, err
		}
		return &c, s.giveBack(ctx, tx, s.wrongCodeBudget(c.AddressHash))
	}
	return nil, nil
}

// countWrong counts one wrong code of the day against each address that is about to be compared, and
// says which of them may be.
func (s *Service) countWrong(ctx context.Context, tx Tx, challenges []Challenge) (map[string]bool, error) {
	allowed := map[string]bool{}
	for _, c := range challenges {
		if _, done := allowed[c.AddressHash]; done {
			continue
		}
		ok, err := s.take(ctx, tx, s.wrongCodeBudget(c.AddressHash))
		if err != nil {
			return nil, err
		}
		allowed[c.AddressHash] = ok
	}
	return allowed, nil
}

// prove stores that this browser, which has these proofs, holds the mailbox of a used challenge, under a new
// session id.
func (s *Service) prove(ctx context.Context, tx Tx, v *Visitor, c *Case, proofs []Proof, used Challenge, via Via) error {
	now := s.Now()
	c.Address, c.AddressHash = used.Address, used.AddressHash
	s.renewID(v.Session)
	if err := s.saveSession(ctx, tx, v); err != nil {
		return err
	}
	proof := Proof{
		Lineage: v.Session.Lineage, CaseID: c.ID, Address: used.Address, AddressHash: used.AddressHash,
		Via: via, At: now, SeenAt: now, ExpiresAt: now.Add(s.Policy.ProofMax),
	}
	if err := tx.PutProof(ctx, proof); err != nil {
		return err
	}
	if err := s.liftStop(ctx, tx, *c, used); err != nil {
		return err
	}
	if err := s.act(ctx, tx, c, ActProven, string(via)); err != nil {
		return err
	}
	proofs = slices.DeleteFunc(proofs, func(p Proof) bool { return p.AddressHash == proof.AddressHash })
	s.reach(v, *c, slices.Insert(proofs, 0, proof))
	return nil
}
