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
		hit, tried, err := s.compare(ctx, tx, p.Case.ID, code)
		if err != nil {
			return err
		}
		if hit == nil {
			return s.noteWrong(ctx, tx, *p.Case, tried)
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

// noteWrong writes down that a code did not work. One that was no try, since none is left or the code has expired, is
// written down once in a row: it can be pressed for ever, and every page of the case reads all of its steps.
func (s *Service) noteWrong(ctx context.Context, tx Tx, c Case, tried bool) error {
	if !tried {
		acts, err := tx.Audit(ctx, c.Reference)
		if n := len(acts); err != nil || n > 0 && acts[n-1].Act == ActWrongCode {
			return err
		}
	}
	return s.audit(ctx, tx, c, ActWrongCode, "")
}

// typedCode is the challenge whose code was typed.
type typedCode struct {
	Challenge
	stopped bool // its mailbox asked for no more mail
}

// compare counts a try and returns the challenge whose code was typed, used up, or nil, and whether there was any that
// a try could count on. Addresses whose wrong codes of the day are spent are not compared at all. A try counts against
// a used code as well, so that a tab whose code was used elsewhere runs out of tries like any other.
func (s *Service) compare(ctx context.Context, tx Tx, caseID, code string) (hit *typedCode, tried bool, err error) {
	now := s.Now()
	counted, err := tx.CountTry(ctx, caseID, s.Policy.CodeTries, now)
	if err != nil || len(counted) == 0 {
		return nil, false, err
	}
	mailboxes, err := s.mailboxes(ctx, tx, counted)
	if err != nil {
		return nil, false, err
	}
	if hit = s.typed(counted, mailboxes, code); hit == nil {
		return nil, true, s.countWrong(ctx, tx, mailboxes)
	}
	delete(mailboxes, hit.AddressHash)
	if !hit.UsedAt.IsZero() { // pressed twice: it is no guess
		hit = nil
	} else if err := tx.UseCounted(ctx, hit.ID, now); err != nil {
		return nil, false, err
	}
	return hit, true, s.countWrong(ctx, tx, mailboxes)
}

// mailbox is what a try is judged by besides the code.
type mailbox struct {
	spent   bool // its wrong codes of the day
	stopped bool // it asked for no more mail
}

// mailboxes are those of challenges, by their hash. Each one's wrong codes of the day are held before they are
// summed, and counted before anybody is told, so that none is compared beyond the last however many come at once
// (R5). They are held in the order of their names, so that no two tries wait for each other.
func (s *Service) mailboxes(ctx context.Context, tx Tx, challenges []Challenge) (map[string]mailbox, error) {
	all, now := map[string]mailbox{}, s.Now()
	for _, hash := range hashesOf(challenges) {
		b := s.wrongCodeBudget(hash)
		if err := tx.HoldCounter(ctx, b.key); err != nil {
			return nil, err
		}
		stopped, n, err := tx.CodeSpent(ctx, hash, now, b.key, b.from(now))
		if err != nil {
			return nil, err
		}
		all[hash] = mailbox{spent: n >= b.limit, stopped: stopped}
	}
	return all, nil
}

// hashesOf are the addresses' of challenges, in order and each once.
func hashesOf(challenges []Challenge) []string {
	hashes := make([]string, len(challenges))
	for i, c := range challenges {
		hashes[i] = c.AddressHash
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

// typed is the challenge among those that may be compared whose code this is, used or not, or nil.
func (s *Service) typed(challenges []Challenge, mailboxes map[string]mailbox, code string) *typedCode {
	for _, c := range challenges {
		of := mailboxes[c.AddressHash]
		if !of.spent && s.Keys.CodeEqual(c.KeyID, c.ID, code) {
			return &typedCode{c, of.stopped}
		}
	}
	return nil
}

// countWrong counts a wrong code of the day against each mailbox that has not had its own.
func (s *Service) countWrong(ctx context.Context, tx Tx, mailboxes map[string]mailbox) error {
	for hash, of := range mailboxes {
		if of.spent {
			continue
		}
		if err := s.count(ctx, tx, 1, s.wrongCodeBudget(hash)); err != nil {
			return err
		}
	}
	return nil
}

// prove stores that this browser, which has these proofs, holds the mailbox of a used challenge, under a new
// session id.
func (s *Service) prove(ctx context.Context, tx Tx, v *Visitor, c *Case, proofs []Proof, used Challenge, via Via) error {
	now := s.Now()
	others, err := ofOthers(ctx, tx, s.stand(*c, slices.Clone(proofs)), used.AddressHash)
	if err != nil {
		return err
	}
	if others { // they asked while who was proven still was, and are to read nothing of theirs
		v.Session.Draft = ""
	}
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
