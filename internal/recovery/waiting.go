package recovery

import (
	"context"
	"slices"
	"time"
)

// Waiting is what /check-email shows. Nothing in it depends on whether the code was used elsewhere, or on what was
// tried in the cases of others.
type Waiting struct {
	Reference string
	Address   string
	State     State
	ChangedAt time.Time // of State
	CodeUntil time.Time // past: the code has expired
	Locked    bool      // the codes of this case have no try left; its links do not need one
	CanResend bool      // false while a mail still waits to go out
	Late      bool      // a mail has waited too long to go out: we can't send just now
	Sent      int       // mails asked for in this case to this address
	Proven    bool      // some address of this browser is proven: there is a way back to /situation
}

// Waiting loads it. ErrNoCase if this browser waits for no mail.
func (s *Service) Waiting(ctx context.Context, v *Visitor) (Waiting, error) {
	p, err := s.Progress(ctx, v)
	if err != nil {
		return Waiting{}, err
	}
	if !p.May(StepCheckEmail) {
		return Waiting{}, ErrNoCase
	}
	w := Waiting{
		Reference: p.Case.Reference, Address: p.Case.Address, State: StateQueued,
		CanResend: true, Proven: len(p.Proofs) > 0,
	}
	err = s.addMails(ctx, &w, *p.Case)
	return w, err
}

// addMails fills in what is known of the proof mails to the case's address, the newest deciding.
func (s *Service) addMails(ctx context.Context, w *Waiting, c Case) error {
	mails, err := s.proofMails(ctx, s.Store, c.ID, c.AddressHash)
	if err != nil || len(mails) == 0 {
		return err
	}
	newest := mails[0]
	w.Sent, w.State, w.ChangedAt = len(mails), newest.Told(), newest.ChangedAt
	w.CodeUntil = newest.challenge.ExpiresAt
	w.Locked = newest.challenge.Tries >= s.Policy.CodeTries // older codes had every try of this one
	w.CanResend = newest.State != StateQueued || s.late(newest.Delivery)
	w.Late = newest.Told() == StateQueued && slices.ContainsFunc(mails, func(m proofMail) bool { return s.late(m.Delivery) })
	return nil
}

// late reports whether a delivery has waited for longer than mail does that can be sent.
func (s *Service) late(d Delivery) bool {
	return d.State == StateQueued && !s.Now().Before(d.CreatedAt.Add(s.Policy.QueuedWait))
}

// proofMail is a proof mail and what it carries.
type proofMail struct {
	Delivery
	challenge Challenge
}

// proofMails are those of a case to one address, newest first.
func (s *Service) proofMails(ctx context.Context, r Reader, caseID, addressHash string) ([]proofMail, error) {
	deliveries, err := r.Deliveries(ctx, caseID)
	if err != nil {
		return nil, err
	}
	challenges, err := r.CaseChallenges(ctx, caseID) // all in one look, however often somebody has asked
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Challenge, len(challenges))
	for _, challenge := range challenges {
		byID[challenge.ID] = challenge
	}
	var mails []proofMail
	for _, d := range deliveries {
		if challenge := byID[d.ChallengeID]; d.Kind == KindProve && challenge.AddressHash == addressHash {
			mails = append(mails, proofMail{d, challenge})
		}
	}
	return mails, nil
}
