package recovery

import (
	"context"
	"errors"
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
	waits, err := s.stillQueued(ctx, tx, c.ID, func(d Delivery) bool { return d.Kind == m.kind && d.AccountID == a.ID })
	if err != nil || waits {
		return false, err
	}
	if err := s.mayMailAccount(ctx, tx, c, a.Email); err != nil {
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

// mayMailAccount keeps a case to its mails after proof, ours and the vendor's, and who is proven in it to twice as many
// a day to one address: another case is soon made (R10). It locks the case. ErrTooManyMails.
func (s *Service) mayMailAccount(ctx context.Context, tx Tx, c Case, to string) error {
	deliveries, err := tx.Deliveries(ctx, c.ID)
	if err != nil {
		return err
	}
	sent, err := s.counted(ctx, tx, s.vendorMailBudget(c.ID))
	if err != nil {
		return err
	}
	for _, d := range deliveries {
		if d.Kind.afterProof() {
			sent++
		}
	}
	if sent >= s.Policy.CaseMails {
		return ErrTooManyMails
	}
	ok, err := s.take(ctx, tx, s.accountMailBudget(c.AddressHash, to))
	if err == nil && !ok {
		return ErrTooManyMails
	}
	return err
}

// byThePortal is the detail of a confirmation that the vendor mailed.
const byThePortal = "by the customer portal"

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
	if err := s.countVendorMail(ctx, v, c, a.Email); err != nil {
		return err
	}
	if err := s.Portal.SendConfirmation(ctx, a.ID); err != nil {
		return err
	}
	err = s.Store.Update(context.WithoutCancel(ctx), func(tx Tx) error {
		return s.act(ctx, tx, &c, ActConfirmMailed, byThePortal)
	})
	if errors.Is(err, ErrNotFound) { // erased meanwhile
		return ErrNoCase
	}
	return err
}

// countVendorMail holds mail that the vendor sends for us to the same caps as our own.
func (s *Service) countVendorMail(ctx context.Context, v *Visitor, c Case, to string) error {
	return s.acting(ctx, v, func(tx Tx) error {
		if err := s.mayMailAccount(ctx, tx, c, to); err != nil {
			return err
		}
		return s.count(ctx, tx, 1, s.vendorMailBudget(c.ID))
	})
}

// MailOtherAddress stores the job that mails the other address blindly (R2). It asks the portal nothing,
// so the page that follows is the same, and as fast, whatever the worker will find. ErrNoCase,
// ErrNotProven, ErrNotAllowed, ErrTooManySteps.
func (s *Service) MailOtherAddress(ctx context.Context, v *Visitor) error {
	err := s.Store.Update(ctx, func(tx Tx) error {
		p, proof, err := withProof(s.progress(ctx, tx, v))
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
		if err := s.mayStep(ctx, tx, p.Case.ID); err != nil {
			return err
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
