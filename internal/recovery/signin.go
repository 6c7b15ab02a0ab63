package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// SignInNow asks the portal for a one-time URL and returns it. ErrNoCase, ErrNotProven, ErrNotAllowed,
// ErrTooManySteps, ErrInProgress, ErrPortal.
func (s *Service) SignInNow(ctx context.Context, v *Visitor, accountID string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Policy.PortalTimeout)
	defer cancel()
	c, a, err := s.permitted(ctx, v, accountID, diagnosis.SignIn)
	if err != nil {
		return "", err
	}
	claim := "sign-in:" + c.ID + ":" + accountID
	if err := s.Store.Update(ctx, func(tx Tx) error {
		if err := s.mayStep(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.claimIn(ctx, tx, claim)
	}); err != nil {
		return "", err
	}
	defer s.release(ctx, claim)
	url, err := s.askPortal(ctx, s.Portal.SignInLink, accountID)
	if err != nil {
		return "", s.portalFailed(ctx, c, err)
	}
	defer s.Queued() // the notice
	return url, s.acting(context.WithoutCancel(ctx), v, func(tx Tx) error {
		if err := s.act(ctx, tx, &c, ActSignedIn, "now"); err != nil {
			return err
		}
		return s.notify(ctx, tx, v, c, KindSignedIn, a)
	})
}

// SignInByLink uses the held sign-in link: it claims the challenge, asks the portal, and only then marks
// the challenge used, so that a portal that fails or dies costs the customer nothing (R5). ErrLinkDead,
// ErrOtherAddress, ErrInProgress, ErrPortal.
func (s *Service) SignInByLink(ctx context.Context, v *Visitor, typed string) (string, error) {
	return s.pressPortalLink(ctx, v, typed, portalLink{
		purpose: PurposeSignIn, action: diagnosis.EmailSignInLink, ask: s.Portal.SignInLink,
		moot: func(account.Account) bool { return false },
		done: func(ctx context.Context, tx Tx, c Case, a account.Account) error {
			if err := s.audit(ctx, tx, c, ActSignedIn, "link"); err != nil {
				return err
			}
			return s.notify(ctx, tx, v, c, KindSignedIn, a)
		},
	})
}

// ConfirmByLink uses the held confirmation link in the same way. Errors as SignInByLink.
func (s *Service) ConfirmByLink(ctx context.Context, v *Visitor, typed string) (string, error) {
	return s.pressPortalLink(ctx, v, typed, portalLink{
		purpose: PurposeConfirm, action: diagnosis.ResendConfirmation, ask: s.Portal.ConfirmationLink,
		moot: func(a account.Account) bool { return a.Confirmed() },
		done: func(ctx context.Context, tx Tx, c Case, _ account.Account) error {
			return s.audit(ctx, tx, c, ActConfirmed, "")
		},
	})
}

// portalLink is what tells one link that needs the portal from another.
type portalLink struct {
	purpose Purpose
	action  diagnosis.Action // what must not be forbidden when the button is pressed
	ask     func(ctx context.Context, accountID string) (string, error)
	// moot reports whether the link has nothing left to do for the account: another mail did it. Then it is as
	// dead as a used one; the portal would refuse, however often the button is pressed.
	moot func(a account.Account) bool
	done func(ctx context.Context, tx Tx, c Case, a account.Account) error
}

func (s *Service) pressPortalLink(ctx context.Context, v *Visitor, typed string, l portalLink) (string, error) {
	challenge, c, err := s.pressed(ctx, s.Store, v, l.purpose, typed)
	if err != nil {
		return "", err
	}
	if err := s.claimChallenge(ctx, challenge.ID); err != nil {
		return "", err
	}
	url, a, err := s.askForLink(ctx, challenge, l)
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		return "", s.releaseChallenge(ctx, c, challenge.ID, err)
	}
	defer s.Queued() // the notice
	return url, s.Store.Update(ctx, func(tx Tx) error {
		if err := s.use(ctx, tx, v, challenge); err != nil {
			return err
		}
		return l.done(ctx, tx, c, a)
	})
}

// askForLink looks the account up once more, since the situation may have changed since the mail, and
// asks for the URL, both within the time the portal gets.
func (s *Service) askForLink(ctx context.Context, challenge Challenge, l portalLink) (string, account.Account, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Policy.PortalTimeout)
	defer cancel()
	a := address(challenge.Address)
	accounts, err := s.Portal.AccountsByEmail(ctx, a)
	if err != nil {
		return "", account.Account{}, err
	}
	f := diagnosis.Facts{
		Address: a, Now: s.Now(), Accounts: diagnosis.Answer(accounts),
		Linked: diagnosis.Answer[[]account.Account](nil),
	}
	s.askIdentities(ctx, &f)
	i := slices.IndexFunc(accounts, func(found account.Account) bool { return found.ID == challenge.AccountID })
	if i < 0 || l.moot(accounts[i]) || diagnosis.Diagnose(f).Forbids(challenge.AccountID, l.action) {
		return "", account.Account{}, ErrNotAllowed
	}
	url, err := s.askPortal(ctx, l.ask, challenge.AccountID)
	return url, accounts[i], err
}

// askPortal asks for a one-time URL, once, and refuses one that leads anywhere else (R7).
func (s *Service) askPortal(ctx context.Context, ask func(context.Context, string) (string, error), accountID string) (string, error) {
	url, err := ask(ctx, accountID)
	if err == nil && !s.Policy.RedirectAllowed(url) {
		return "", fmt.Errorf("%w: its one-time URL leads to none of --portal-origins", ErrPortal)
	}
	return url, err
}

func (s *Service) claimChallenge(ctx context.Context, id string) error {
	return s.Store.Update(ctx, func(tx Tx) error {
		now := s.Now()
		claimed, err := tx.ClaimChallenge(ctx, id, now, now.Add(s.Policy.ClaimFor))
		if err != nil || claimed {
			return err
		}
		c, err := tx.Challenge(ctx, id)
		if err == nil && c.Live(now) {
			return ErrInProgress
		}
		return cmp.Or(orDead(err), ErrLinkDead)
	})
}

// releaseChallenge lets the customer press the button again at once, and returns why it has to be. Where
// the situation has come to forbid the act, the link is dead for now, and says no more than that.
func (s *Service) releaseChallenge(ctx context.Context, c Case, id string, why error) error {
	err := s.Store.Update(ctx, func(tx Tx) error { return tx.ReleaseChallenge(ctx, id) })
	switch {
	case err != nil: // the claim lapses by itself
		return err
	case errors.Is(why, ErrNotAllowed):
		return ErrLinkDead
	}
	return s.portalFailed(ctx, c, why)
}

// portalFailed notes in the case that the portal gave no usable answer, and returns why.
func (s *Service) portalFailed(ctx context.Context, c Case, why error) error {
	if !errors.Is(why, ErrPortal) {
		return why
	}
	ctx = context.WithoutCancel(ctx)
	err := s.Store.Update(ctx, func(tx Tx) error {
		_, err := lockedCase(ctx, tx, c.ID)
		if errors.Is(err, ErrNotFound) { // erased meanwhile: nothing of them comes back
			return nil
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, c, ActPortalFailed, "")
	})
	return errors.Join(why, err)
}

func (s *Service) claim(ctx context.Context, name string) error {
	return s.Store.Update(ctx, func(tx Tx) error { return s.claimIn(ctx, tx, name) })
}

func (s *Service) claimIn(ctx context.Context, tx Tx, name string) error {
	now := s.Now()
	claimed, err := tx.Claim(ctx, name, now, now.Add(s.Policy.ClaimFor))
	if err == nil && !claimed {
		return ErrInProgress
	}
	return err
}

// release frees a claim; if that fails the claim lapses by itself.
func (s *Service) release(ctx context.Context, name string) {
	ctx = context.WithoutCancel(ctx)
	_ = s.Store.Update(ctx, func(tx Tx) error { return tx.Release(ctx, name) })
}

// notify tells the owner of the account's address what was done and in which browser, which may be another than the
// case's, with a way to say "this wasn't me" (R12).
func (s *Service) notify(ctx context.Context, tx Tx, v *Visitor, c Case, kind Kind, a account.Account) error {
	disown := s.challenge(PurposeDisown, c.ID, a.Email, s.Policy.DisownFor)
	if err := tx.InsertChallenge(ctx, disown); err != nil {
		return err
	}
	d := s.delivery(kind, c.ID)
	d.AsideID, d.AccountID, d.Browser = disown.ID, a.ID, v.Browser
	return tx.InsertDelivery(ctx, d)
}
