package recovery

import (
	"context"
	"errors"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/secret"
)

// Start opens this browser's case, or goes on with it, and queues the proof mail: case, challenge,
// delivery and budgets in one transaction. The account is not looked up, and every address is treated
// the same (R1): one that is stopped or over its cap gets a delivery too, which the worker fails.
func (s *Service) Start(ctx context.Context, v *Visitor, a account.Address) error {
	err := s.ask(ctx, v, s.mailTo(a), ActStarted, s.update)
	if errors.Is(err, ErrOvertaken) { // a start needs no session
		err = s.ask(ctx, v, s.mailTo(a), ActStarted, s.update)
	}
	return err
}

// StartNewcomer is Start for a session of Newcomer, which may share its transaction with others.
// ErrSessionTaken where it has a row; nothing is kept then.
func (s *Service) StartNewcomer(ctx context.Context, v *Visitor, a account.Address) error {
	to := s.mailTo(a)
	return s.ask(ctx, v, to, ActStarted, s.together(s.mailCounters(to.address, v.Network.Wide)))
}

// Resend asks once more for the case's address. ErrNoCase without one. ErrTooManySteps.
func (s *Service) Resend(ctx context.Context, v *Visitor) error {
	p, err := s.Progress(ctx, v)
	if err != nil {
		return err
	}
	if !p.May(StepCheckEmail) {
		return ErrNoCase
	}
	return s.ask(ctx, v, s.mailTo(address(p.Case.Address)), ActResent, s.update)
}

func (s *Service) ask(ctx context.Context, v *Visitor, to mailTo, act string, update updating) error {
	err := update(ctx, v, func(tx Tx) error {
		arrived := s.arrived(v.Session, act)
		p, err := s.goingOn(ctx, tx, v, to, arrived, act)
		if err != nil {
			return err
		}
		if act == ActResent && (p.Case == nil || p.Case.AddressHash != to.hash) { // it has moved on meanwhile
			return ErrNoCase
		}
		if p.Case == nil {
			return s.askAnew(ctx, tx, v, to, arrived, act)
		}
		if err := s.mayStep(ctx, tx, p.Case.ID); err != nil {
			return err
		}
		if err := s.turnTo(ctx, tx, v, p.Case, to, arrived); err != nil {
			return err
		}
		if err := s.queueProof(ctx, tx, v, *p.Case, to); err != nil {
			return err
		}
		if err := s.act(ctx, tx, p.Case, act, ""); err != nil {
			return err
		}
		s.reach(v, *p.Case, p.Proofs)
		return nil
	})
	if err == nil {
		s.Queued()
	}
	return err
}

// mailTo is a mailbox and its keyed hash.
type mailTo struct{ address, hash string }

func (s *Service) mailTo(a account.Address) mailTo { return mailTo{a.String(), s.hash(a.String())} }

// askAnew is what most starts are: the first of its browser. Nothing of a case that is only being made needs
// to be looked for, so it writes each row once.
func (s *Service) askAnew(ctx context.Context, tx Tx, v *Visitor, to mailTo, by Arrival, act string) error {
	var proofs []Proof // of a case that has ended
	if v.Session.Stored() {
		var err error
		if proofs, err = s.proofsOf(ctx, tx, v); err != nil {
			return err
		}
	}
	c, err := s.newCase(ctx, tx, v, by, to, act)
	if err != nil {
		return err
	}
	v.Session.CaseID = c.ID
	if err := s.turnTo(ctx, tx, v, c, to, by); err != nil {
		return err
	}
	challenge := s.challengeTo(PurposeProve, c.ID, to, s.Policy.ProveFor)
	if err := tx.InsertChallenge(ctx, challenge); err != nil {
		return err
	}
	if err := s.queueMail(ctx, tx, v, challenge, to); err != nil {
		return err
	}
	s.reach(v, *c, proofs)
	return s.audit(ctx, tx, unaddressed(*c), act, "")
}

// unaddressed is the case without its address, for the act that opens it: the case is found by its address, and
// by that of the challenge once it has turned to another, and with them the act. A second place in an index, at
// random among those of a year, was an eighth of what a start's commit writes.
func unaddressed(c Case) Case {
	c.Address, c.AddressHash = "", ""
	return c
}

// turnTo makes to the address of the session's case. A start takes up the link by which the browser came.
func (s *Service) turnTo(ctx context.Context, tx Tx, v *Visitor, c *Case, to mailTo, by Arrival) error {
	c.Address, c.AddressHash = to.address, to.hash
	if err := s.noteArrival(ctx, tx, v, c, by); err != nil {
		return err
	}
	v.Session.Prefill = ""
	return s.saveSession(ctx, tx, v)
}

// newCase inserts a case. A reference that is taken is drawn again: of the 193,856 that a moment can
// give, ten million cases that are kept have taken 52.
func (s *Service) newCase(ctx context.Context, tx Tx, v *Visitor, by Arrival, to mailTo, act string) (*Case, error) {
	c := Case{
		ID: secret.NewOrderedID(s.Now()), CreatedAt: s.Now(), Language: v.Language, Entry: by.Entry,
		Browser: v.Browser, Address: to.address, AddressHash: to.hash, LastAct: act,
		Ticket: by.Ticket, Expected: by.Expected,
	}
	for {
		c.Reference = secret.NewReference(s.Now())
		if err := tx.InsertCase(ctx, c); !errors.Is(err, ErrReferenceTaken) {
			return &c, err
		}
	}
}

// queueProof queues the proof mail. The code that the customer may already hold is repeated while it has
// enough of its life left; a mail that still waits is not queued twice.
func (s *Service) queueProof(ctx context.Context, tx Tx, v *Visitor, c Case, to mailTo) error {
	challenge, err := s.proofChallenge(ctx, tx, c, to)
	if err != nil {
		return err
	}
	waits, err := s.stillQueued(ctx, tx, c.ID, func(d Delivery) bool { return d.ChallengeID == challenge.ID })
	if err != nil || waits {
		return err
	}
	return s.queueMail(ctx, tx, v, challenge, to)
}

// queueMail queues the proof mail of a challenge.
func (s *Service) queueMail(ctx context.Context, tx Tx, v *Visitor, proof Challenge, to mailTo) error {
	refusal, err := s.mayMailProof(ctx, tx, v, to)
	if err != nil {
		return err
	}
	d := s.proofMail(proof)
	d.Refusal = refusal
	return tx.InsertDelivery(ctx, d)
}

// proofChallenge is the newest challenge of this case and address while its code is worth repeating, or a
// new one; the old one stays valid until it expires. Where the old one was used, perhaps by its link in
// another browser, the new one takes over its expiry: the page of who asked must not tell.
func (s *Service) proofChallenge(ctx context.Context, tx Tx, c Case, to mailTo) (Challenge, error) {
	fresh := s.challengeTo(PurposeProve, c.ID, to, s.Policy.ProveFor)
	mails, err := s.proofMails(ctx, tx, c.ID, fresh.AddressHash)
	if err != nil {
		return Challenge{}, err
	}
	if len(mails) > 0 && s.worthRepeating(mails[0].challenge) {
		have := mails[0].challenge
		if have.UsedAt.IsZero() {
			return have, nil
		}
		fresh.ExpiresAt, fresh.Tries = have.ExpiresAt, have.Tries
	}
	return fresh, tx.InsertChallenge(ctx, fresh)
}

// worthRepeating reports whether enough of a code's life and tries remain.
func (s *Service) worthRepeating(c Challenge) bool {
	return c.ExpiresAt.Sub(s.Now()) >= s.Policy.SameCodeMin && c.Tries < s.Policy.CodeTries
}

// stillQueued reports whether a delivery like this one waits already, and not for too long.
func (s *Service) stillQueued(ctx context.Context, r Reader, caseID string, like func(Delivery) bool) (bool, error) {
	deliveries, err := r.Deliveries(ctx, caseID)
	if err != nil {
		return false, err
	}
	for _, d := range deliveries {
		if d.State == StateQueued && like(d) && !s.late(d) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) challenge(purpose Purpose, caseID, to string, life time.Duration) Challenge {
	return s.challengeTo(purpose, caseID, mailTo{to, s.hash(to)}, life)
}

func (s *Service) challengeTo(purpose Purpose, caseID string, to mailTo, life time.Duration) Challenge {
	now := s.Now()
	return Challenge{
		ID: secret.NewOrderedID(now), KeyID: s.Keys.CurrentKey(), Purpose: purpose, CaseID: caseID,
		Address: to.address, AddressHash: to.hash, CreatedAt: now, ExpiresAt: now.Add(life),
	}
}

// proofMail carries a challenge, and a link that stops further mails beside it.
func (s *Service) proofMail(proof Challenge) Delivery {
	d := s.delivery(KindProve, proof.CaseID)
	d.ChallengeID, d.AsideID = proof.ID, s.stopLink(proof).ID
	return d
}

func (s *Service) delivery(kind Kind, caseID string) Delivery {
	now := s.Now()
	return Delivery{
		ID: secret.NewOrderedID(now), Kind: kind, CaseID: caseID, State: StateQueued,
		CreatedAt: now, DueAt: now, ChangedAt: now,
	}
}
