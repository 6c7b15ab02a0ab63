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
	return s.ask(ctx, v, a, ActStarted)
}

// Resend asks once more for the case's address. ErrNoCase without one.
func (s *Service) Resend(ctx context.Context, v *Visitor) error {
	p, err := s.Progress(ctx, v)
	if err != nil {
		return err
	}
	if !p.May(StepCheckEmail) {
		return ErrNoCase
	}
	return s.ask(ctx, v, address(p.Case.Address), ActResent)
}

func (s *Service) ask(ctx context.Context, v *Visitor, a account.Address, act string) error {
	err := s.update(ctx, v, func(tx Tx) error {
		c, err := s.openCase(ctx, tx, v, a, act)
		if err != nil {
			return err
		}
		if err := s.queueProof(ctx, tx, v, *c, a); err != nil {
			return err
		}
		return s.act(ctx, tx, c, act, "")
	})
	if err == nil {
		s.Queued()
	}
	return err
}

// openCase is the session's open case, or a new one; its address is now a. A start takes up the link by which
// the browser came.
func (s *Service) openCase(ctx context.Context, tx Tx, v *Visitor, a account.Address, act string) (*Case, error) {
	if !v.Session.Stored {
		if err := s.adopt(ctx, tx, v.Session); err != nil {
			return nil, err
		}
	}
	arrived := s.arrived(v.Session, act)
	c, err := s.caseFor(ctx, tx, v, arrived, a.String())
	if err != nil {
		return nil, err
	}
	c.Address, c.AddressHash = a.String(), s.hash(a.String())
	if err := s.noteArrival(ctx, tx, v, c, arrived); err != nil {
		return nil, err
	}
	v.Session.Prefill = ""
	return c, s.saveSession(ctx, tx, v)
}

// newCase inserts a case. A reference that is taken is drawn again: 40 bits leave few collisions.
func (s *Service) newCase(ctx context.Context, tx Tx, v *Visitor, by Arrival, to string) (*Case, error) {
	c := Case{
		ID: secret.NewID(), CreatedAt: s.Now(), Language: v.Language, Entry: by.Entry,
		Browser: v.Browser, Address: to, AddressHash: s.hash(to), Ticket: by.Ticket, Expected: by.Expected,
	}
	for {
		c.Reference = secret.NewReference()
		if err := tx.InsertCase(ctx, c); !errors.Is(err, ErrReferenceTaken) {
			return &c, err
		}
	}
}

// queueProof queues the proof mail. The code that the customer may already hold is repeated while it has
// enough of its life left; a mail that still waits is not queued twice.
func (s *Service) queueProof(ctx context.Context, tx Tx, v *Visitor, c Case, a account.Address) error {
	challenge, err := s.proofChallenge(ctx, tx, c, a)
	if err != nil {
		return err
	}
	waits, err := s.stillQueued(ctx, tx, c.ID, func(d Delivery) bool { return d.ChallengeID == challenge.ID })
	if err != nil || waits {
		return err
	}
	refusal, err := s.mayMailProof(ctx, tx, v, a)
	if err != nil {
		return err
	}
	stop := s.challenge(PurposeStop, c.ID, a.String(), s.Policy.StopLinkFor)
	if err := tx.InsertChallenge(ctx, stop); err != nil {
		return err
	}
	d := s.delivery(KindProve, c.ID)
	d.ChallengeID, d.AsideID, d.Refusal = challenge.ID, stop.ID, refusal
	return tx.InsertDelivery(ctx, d)
}

// proofChallenge is the newest challenge of this case and address while its code is worth repeating, or a
// new one; the old one stays valid until it expires. Where the old one was used, perhaps by its link in
// another browser, the new one takes over its expiry: the page of who asked must not tell.
func (s *Service) proofChallenge(ctx context.Context, tx Tx, c Case, a account.Address) (Challenge, error) {
	fresh := s.challenge(PurposeProve, c.ID, a.String(), s.Policy.ProveFor)
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

// mayMail takes from the budgets of R10. A mailbox that asked for no more mail spends none.
func (s *Service) mayMail(ctx context.Context, tx Tx, to, network string) (Reason, error) {
	stopped, err := tx.Stopped(ctx, s.hash(to), s.Now())
	if err != nil {
		return ReasonNone, err
	}
	if stopped {
		return ReasonStopped, nil
	}
	ok, err := s.take(ctx, tx, s.mailBudgets(to, network)...)
	if err != nil || ok {
		return ReasonNone, err
	}
	return ReasonCapped, nil
}

// stillQueued reports whether a delivery like this one waits already, and not for too long.
func (s *Service) stillQueued(ctx context.Context, r Reader, caseID string, like func(Delivery) bool) (bool, error) {
	deliveries, err := r.Deliveries(ctx, caseID)
	if err != nil {
		return false, err
	}
	for _, d := range deliveries {
		if d.State == StateQueued && like(d) && s.Now().Before(d.CreatedAt.Add(s.Policy.QueuedWait)) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) challenge(purpose Purpose, caseID, to string, life time.Duration) Challenge {
	now := s.Now()
	return Challenge{
		ID: secret.NewID(), KeyID: s.Keys.CurrentKey(), Purpose: purpose, CaseID: caseID,
		Address: to, AddressHash: s.hash(to), CreatedAt: now, ExpiresAt: now.Add(life),
	}
}

func (s *Service) delivery(kind Kind, caseID string) Delivery {
	now := s.Now()
	return Delivery{
		ID: secret.NewID(), Kind: kind, CaseID: caseID, State: StateQueued,
		CreatedAt: now, DueAt: now, ChangedAt: now,
	}
}
