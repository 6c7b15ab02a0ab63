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
		if hit.stopped {
			if err := s.liftStop(ctx, tx, *p.Case, hit.Challenge); err != nil {
				return err
			}
		}
		return s.prove(ctx, tx, v, p.Case, p.Proofs, hit.Challenge, ViaCode)
	})
	if err == nil && !proven {
		return ErrWrongCode
	}
	return err
}

// typedCode is the challenge whose code was typed.
type typedCode struct {
	Challenge
	stopped bool // its mailbox asked for no more mail
}

// compare counts a try and returns the challenge whose code was typed, used up, or nil. Addresses whose
// wrong codes of the day are spent are not compared at all. A try counts against a used code as well, so
// that a tab whose code was used elsewhere runs out of tries like any other.
func (s *Service) compare(ctx context.Context, tx Tx, caseID, code string) (*typedCode, error) {
	now := s.Now()
	counted, err := tx.CountTry(ctx, caseID, s.Policy.CodeTries, now)
	if err != nil {
		return nil, err
	}
	mailboxes, err := s.countWrong(ctx, tx, counted)
	if err != nil {
		return nil, err
	}
	for _, c := range counted {
		of := mailboxes[c.AddressHash]
		if !c.UsedAt.IsZero() || of.spent || !s.Keys.CodeEqual(c.KeyID, c.ID, code) {
			continue
		}
		if err := tx.UseCounted(ctx, c.ID, now); err != nil {
			return nil, err
		}
		return &typedCode{c, of.stopped}, s.giveBack(ctx, tx, s.wrongCodeBudget(c.AddressHash))
	}
	return nil, nil
}

// mailbox is what a try is judged by besides the code.
type mailbox struct {
	spent   bool // its wrong codes of the day
	stopped bool // it asked for no more mail
}

// countWrong counts one wrong code of the day against each mailbox whose code is about to be compared, and says
// which of them have had theirs, by their hash.
func (s *Service) countWrong(ctx context.Context, tx Tx, challenges []Challenge) (map[string]mailbox, error) {
	mailboxes := map[string]mailbox{}
	for _, c := range challenges {
		if _, done := mailboxes[c.AddressHash]; done {
			continue
		}
		of, err := s.countWrongOf(ctx, tx, c.AddressHash)
		if err != nil {
			return nil, err
		}
		mailboxes[c.AddressHash] = of
	}
	return mailboxes, nil
}

func (s *Service) countWrongOf(ctx context.Context, tx Tx, addressHash string) (mailbox, error) {
	b, now := s.wrongCodeBudget(addressHash), s.Now()
	if err := countAll(ctx, tx, []string{b.key}, 1, now); err != nil {
		return mailbox{}, err
	}
	stopped, n, err := tx.CodeSpent(ctx, addressHash, now, b.key, b.from(now))
	if err != nil || n <= b.limit {
		return mailbox{stopped: stopped}, err
	}
	return mailbox{spent: true}, s.giveBack(ctx, tx, b)
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
	if err := s.act(ctx, tx, c, ActProven, string(via)); err != nil {
		return err
	}
	proofs = slices.DeleteFunc(proofs, func(p Proof) bool { return p.AddressHash == proof.AddressHash })
	s.reach(v, *c, slices.Insert(proofs, 0, proof))
	return nil
}
