package recovery

import (
	"context"
	"slices"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/secret"
)

// EmailSignInLink mails a one-time link to the account's own address, never to one merely proven (R3).
// ErrNoCase, ErrNotProven, ErrNotAllowed, ErrPortal, ErrTooManyMails.
func (s *Service) EmailSignInLink(ctx context.Context, v *Visitor, accountID string) error {
	return s.mailLink(ctx, v, accountID, s.signInMail())
}

func (s *Service) signInMail() linkMail {
	return linkMail{
		action: diagnosis.EmailSignInLink, kind: KindSignIn, purpose: PurposeSignIn,
		life: s.Policy.SignInFor, act: ActSignInMailed,
	}
}

// ResendConfirmation sends the confirmation to the account's own address: Latchkey's mail, or the
// vendor's where the policy says so. Errors as EmailSignInLink.
func (s *Service) ResendConfirmation(ctx context.Context, v *Visitor, accountID string) error {
	if !s.Policy.ConfirmHere {
		return s.confirmByPortal(ctx, v, accountID)
	}
	return s.mailLink(ctx, v, accountID, linkMail{
		action: diagnosis.ResendConfirmation, kind: KindConfirm, purpose: PurposeConfirm,
		life: s.Policy.ConfirmFor, act: ActConfirmMailed,
	})
}

// linkMail is what tells one mail with a link from another.
type linkMail struct {
	action  diagnosis.Action
	kind    Kind
	purpose Purpose
	life    time.Duration
	act     string
}

func (s *Service) mailLink(ctx context.Context, v *Visitor, accountID string, m linkMail) error {
	c, a, err := s.permitted(ctx, v, accountID, m.action)
	if err != nil {
		return err
	}
	err = s.acting(ctx, v, func(tx Tx) error {
		queued, err := s.queueLink(ctx, tx, c, a, m)
		if err != nil || !queued {
			return err
		}
		return s.act(ctx, tx, &c, m.act, "")
	})
	if err == nil {
		s.Queued()
	}
	return err
}

// queueLink queues the mail to the account's own address; false if one like it still waits to go out.
// ErrTooManyMails.
func (s *Service) queueLink(ctx context.Context, tx Tx, c Case, a account.Account, m linkMail) (bool, error) {
	fresh, err := s.mayMailMore(ctx, tx, c.ID, func(d Delivery) bool { return d.Kind == m.kind && d.AccountID == a.ID })
	if err != nil || !fresh {
		return false, err
	}
	link := s.challenge(m.purpose, c.ID, a.Email, m.life)
	link.AccountID = a.ID
	if err := tx.InsertChallenge(ctx, link); err != nil {
		return false, err
	}
	disown := s.challenge(PurposeDisown, c.ID, a.Email, s.Policy.DisownFor)
	if err := tx.InsertChallenge(ctx, disown); err != nil {
		return false, err
	}
	d := s.delivery(m.kind, c.ID)
	d.ChallengeID, d.AsideID, d.AccountID = link.ID, disown.ID, a.ID
	return true, tx.InsertDelivery(ctx, d)
}

// mayMailMore keeps a case to its mails after proof (R10), and a double press to one mail: false if one
// like it still waits to go out.
func (s *Service) mayMailMore(ctx context.Context, tx Tx, caseID string, like func(Delivery) bool) (bool, error) {
	deliveries, err := tx.Deliveries(ctx, caseID)
	if err != nil {
		return false, err
	}
	waits, err := s.stillQueued(ctx, tx, caseID, like)
	if err != nil || waits {
		return false, err
	}
	sent := 0
	for _, d := range deliveries {
		if d.Kind == KindSignIn || d.Kind == KindConfirm {
			sent++
		}
	}
	if sent >= s.Policy.CaseMails {
		return false, ErrTooManyMails
	}
	return true, nil
}

// confirmByPortal has the vendor mail its confirmation. The claim makes a double press one mail.
func (s *Service) confirmByPortal(ctx context.Context, v *Visitor, accountID string) error {
	ctx, cancel := context.WithTimeout(ctx, s.Policy.PortalTimeout)
	defer cancel()
	c, a, err := s.permitted(ctx, v, accountID, diagnosis.ResendConfirmation)
	if err != nil {
		return err
	}
	claim := "confirm:" + c.ID + ":" + a.ID
	if err := s.claim(ctx, claim); err != nil {
		return err
	}
	defer s.release(ctx, claim)
	if err := s.countVendorMail(ctx, v, c); err != nil {
		return err
	}
	if err := s.Portal.SendConfirmation(ctx, a.ID); err != nil {
		return err
	}
	return s.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error {
		return s.act(ctx, tx, &c, ActConfirmMailed, "by the customer portal")
	})
}

// countVendorMail holds mail that the vendor sends for us to the same cap as our own.
func (s *Service) countVendorMail(ctx context.Context, v *Visitor, c Case) error {
	return s.acting(ctx, v, func(tx Tx) error {
		if _, err := tx.Deliveries(ctx, c.ID); err != nil { // from here on nobody else ends the case
			return err
		}
		ok, err := s.take(ctx, tx, budget{"vendor-mail:" + c.ID, day, s.Policy.CaseMails})
		if err == nil && !ok {
			return ErrTooManyMails
		}
		return err
	})
}

// MailOtherAddress stores the job that mails the other address blindly (R2). It asks the portal nothing,
// so the page that follows is the same, and as fast, whatever the worker will find. ErrNoCase,
// ErrNotProven, ErrNotAllowed.
func (s *Service) MailOtherAddress(ctx context.Context, v *Visitor) error {
	err := s.Store.Update(ctx, func(tx Tx) error {
		p, err := s.progress(ctx, tx, v)
		if err != nil {
			return err
		}
		proof, err := p.current()
		if err != nil {
			return err
		}
		asked := address(proof.Address)
		found, err := tx.Found(ctx, p.Case.ID)
		if err != nil {
			return err
		}
		offered := slices.ContainsFunc(found, func(f FoundRecord) bool {
			situation, ok := diagnosis.ByID(diagnosis.ID(f.Situation))
			return ok && situation.MailsOther(asked) && f.AccountID == proof.AddressHash
		})
		if !offered {
			return ErrNotAllowed
		}
		if err := s.queueFindOther(ctx, tx, p.Case.ID, asked); err != nil {
			return err
		}
		return s.act(ctx, tx, p.lookingAt(proof), ActOtherAsked, "")
	})
	if err == nil {
		s.Queued()
	}
	return err
}

// queueFindOther stores the job, once a day for an address.
func (s *Service) queueFindOther(ctx context.Context, tx Tx, caseID string, asked account.Address) error {
	fresh, err := s.onceADay(ctx, tx, "find-other", asked.String())
	if err != nil || !fresh {
		return err
	}
	n := s.otherNotice(asked.String(), asked)
	if err := tx.InsertOtherNotice(ctx, n); err != nil {
		return err
	}
	d := s.delivery(KindFindOther, caseID)
	d.NoticeID = n.ID
	return tx.InsertDelivery(ctx, d)
}

func (s *Service) otherNotice(to string, asked account.Address) OtherNotice {
	return OtherNotice{
		ID: secret.NewID(), Address: to, AddressHash: s.hash(to), AskedDomain: asked.Domain(),
		CreatedAt: s.Now(),
	}
}

// onceADay is true once in 24 hours for an address, whoever asks (R2).
func (s *Service) onceADay(ctx context.Context, tx Tx, what, stored string) (bool, error) {
	now := s.Now()
	return tx.Claim(ctx, what+":"+s.Keys.HashLimit(what, s.hash(stored)), now, now.Add(day))
}
