package recovery

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"latchkey/internal/account"
)

// HoldLink keeps a link's challenge for its button and tells its purpose. Opening a link uses nothing
// up (R4): scanners and previews open links, too. ErrLinkDead for a token that is not genuine, or whose
// challenge is gone.
func (s *Service) HoldLink(ctx context.Context, v *Visitor, token string) (Purpose, error) {
	id, ok := s.Keys.ParseLinkToken(token)
	if !ok {
		return "", ErrLinkDead
	}
	c, err := s.mailed(ctx, s.Store, id)
	if errors.Is(err, ErrNotFound) {
		return "", ErrLinkDead
	}
	if err != nil {
		return "", err
	}
	return c.Purpose, s.update(ctx, v, func(tx Tx) error {
		if s.stranger(v, c) && v.Session.Held[c.Purpose] != c.ID {
			if err := tx.CountUnpressed(ctx, c.CaseID, 1); err != nil {
				return err
			}
		}
		if v.Session.Held == nil {
			v.Session.Held = map[Purpose]string{}
		}
		v.Session.Held[c.Purpose] = c.ID
		return s.saveSession(ctx, tx, v)
	})
}

// LinkElsewhere reports whether a link is genuine and its challenge is not in this database: with the keys
// shared, it is another installation's.
func (s *Service) LinkElsewhere(ctx context.Context, token string) (bool, error) {
	id, ok := s.Keys.ParseLinkToken(token)
	if !ok {
		return false, nil
	}
	_, err := s.mailed(ctx, s.Store, id)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return false, err
}

// HeldLink is what a link's page shows.
type HeldLink struct {
	Reference  string
	AskAddress bool   // the address must be typed before the button does anything
	Address    string // empty where AskAddress is set
}

// HeldLink loads the link that this browser opened last for a purpose. ErrLinkDead where there is none
// or it no longer works.
func (s *Service) HeldLink(ctx context.Context, v *Visitor, purpose Purpose) (HeldLink, error) {
	challenge, c, err := s.held(ctx, s.Store, v, purpose)
	if err != nil {
		return HeldLink{}, err
	}
	link := HeldLink{Reference: c.Reference, AskAddress: s.asksAddress(v, challenge)}
	if !link.AskAddress {
		link.Address = challenge.Address
	}
	return link, nil
}

// held is the challenge behind the button, still live, and its case.
func (s *Service) held(ctx context.Context, r Reader, v *Visitor, purpose Purpose) (Challenge, Case, error) {
	id, ok := v.Session.Held[purpose]
	if !ok {
		return Challenge{}, Case{}, ErrLinkDead
	}
	challenge, err := s.mailed(ctx, r, id)
	if err == nil && (challenge.Purpose != purpose || !challenge.Live(s.Now())) {
		err = ErrLinkDead
	}
	if err != nil {
		return Challenge{}, Case{}, orDead(err)
	}
	c, err := r.Case(ctx, challenge.CaseID)
	return challenge, c, orDead(err)
}

func orDead(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrLinkDead
	}
	return err
}

// asksAddress reports whether this browser has to type the address: every browser but the one that
// asked, since link scanners press buttons (R4), and always to stop mail or to disown (R12).
func (s *Service) asksAddress(v *Visitor, c Challenge) bool {
	return c.Purpose == PurposeStop || c.Purpose == PurposeDisown || s.stranger(v, c)
}

// stranger reports whether this is no browser that asked for the challenge: another device of the customer, or
// a program that looks at links.
func (s *Service) stranger(v *Visitor, c Challenge) bool {
	return !v.Session.Stored() || v.Session.CaseID != c.CaseID
}

// use uses a pressed link up. A stranger that pressed is none of the scanners that the report counts.
// ErrLinkDead where it was used before.
func (s *Service) use(ctx context.Context, tx Tx, v *Visitor, c Challenge) error {
	used, err := s.useUp(ctx, tx, c)
	if err != nil || !used {
		return cmp.Or(err, ErrLinkDead)
	}
	if !s.stranger(v, c) {
		return nil
	}
	return tx.CountUnpressed(ctx, c.CaseID, -1)
}

// pressed checks the held link and what was typed with its button. ErrLinkDead, account.ErrAddressEmpty,
// ErrOtherAddress.
func (s *Service) pressed(ctx context.Context, r Reader, v *Visitor, purpose Purpose, typed string) (Challenge, Case, error) {
	challenge, c, err := s.held(ctx, r, v, purpose)
	if err != nil || !s.asksAddress(v, challenge) {
		return challenge, c, err
	}
	a, err := account.ParseAddress(typed)
	if errors.Is(err, account.ErrAddressEmpty) {
		return Challenge{}, Case{}, err
	}
	if err != nil || s.hash(a.String()) != challenge.AddressHash {
		return Challenge{}, Case{}, ErrOtherAddress
	}
	return challenge, c, nil
}

// ProveByLink uses the held prove link. In the browser that asked, its case is proven; any other browser
// gets a case of its own, and the first one learns nothing. ErrLinkDead, ErrOtherAddress,
// account.ErrAddressEmpty.
func (s *Service) ProveByLink(ctx context.Context, v *Visitor, typed string) error {
	return s.update(ctx, v, func(tx Tx) error {
		challenge, c, err := s.pressed(ctx, tx, v, PurposeProve, typed)
		if err != nil {
			return err
		}
		if err := s.use(ctx, tx, v, challenge); err != nil {
			return err
		}
		delete(v.Session.Held, PurposeProve)
		proofs, err := s.proofsOf(ctx, tx, v)
		if err != nil {
			return err
		}
		mine := &c
		if v.Session.CaseID != challenge.CaseID || !c.Open() {
			if mine, err = s.caseOfLink(ctx, tx, v, c, challenge); err != nil {
				return err
			}
		}
		stopped, err := tx.Stopped(ctx, challenge.AddressHash, s.Now())
		if err != nil {
			return err
		}
		if stopped {
			if err := s.liftStop(ctx, tx, *mine, challenge); err != nil {
				return err
			}
		}
		return s.prove(ctx, tx, v, mine, proofs, challenge, ViaLink)
	})
}

// caseOfLink is the case that a link of another one opens in this browser.
func (s *Service) caseOfLink(ctx context.Context, tx Tx, v *Visitor, of Case, proven Challenge) (*Case, error) {
	p, err := s.progress(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	if err := s.leaveOthers(ctx, tx, v, &p, proven.AddressHash); err != nil {
		return nil, err
	}
	mine, err := s.newCase(ctx, tx, v, inherited(of), mailTo{proven.Address, proven.AddressHash}, "")
	if err == nil {
		v.Session.CaseID = mine.ID
	}
	return mine, err
}

// StopByLink stops proof and blind mail to the address for a while (R12). ErrLinkDead, ErrOtherAddress,
// account.ErrAddressEmpty.
func (s *Service) StopByLink(ctx context.Context, v *Visitor, typed string) error {
	return s.useHeld(ctx, v, PurposeStop, typed, func(tx Tx, challenge Challenge, c Case) error {
		if err := tx.PutStop(ctx, challenge.AddressHash, s.Now().Add(s.Policy.StopFor)); err != nil {
			return err
		}
		return s.audit(ctx, tx, c, ActStopped, "")
	})
}

// DisownByLink is "this wasn't me": it ends the case with its sessions, proofs and challenges, and files
// a hand-off so that a person looks at it (R12). ErrLinkDead, ErrOtherAddress,
// account.ErrAddressEmpty.
func (s *Service) DisownByLink(ctx context.Context, v *Visitor, typed string) error {
	err := s.useHeld(ctx, v, PurposeDisown, typed, func(tx Tx, challenge Challenge, c Case) error {
		evidence, err := s.caseEvidence(ctx, tx, c)
		if err != nil {
			return err
		}
		found, err := tx.Found(ctx, c.ID)
		if err != nil {
			return err
		}
		evidence.addFound(found, func(id string) bool {
			return slices.ContainsFunc(evidence.Proven, func(p EvidenceProof) bool { return s.hash(p.Address) == id })
		})
		if err := addNumbers(ctx, tx, c, &evidence); err != nil {
			return err
		}
		if err := s.endCase(ctx, tx, &c); err != nil {
			return err
		}
		h := HandOff{
			CaseID: c.ID, Kind: HandOffDisown, Address: challenge.Address,
			AddressHash: challenge.AddressHash, Evidence: evidence.encode(challenge.Address), CreatedAt: s.Now(),
		}
		if fresh, err := tx.InsertHandOff(ctx, h); err != nil || !fresh {
			return err
		}
		if err := tx.InsertDelivery(ctx, s.delivery(KindDisowned, c.ID)); err != nil {
			return err
		}
		if err := s.noteDisowned(ctx, tx, c); err != nil {
			return err
		}
		return s.audit(ctx, tx, c, ActDisowned, "")
	})
	if err == nil {
		s.Queued()
	}
	return err
}

// useHeld uses a held link up and does its act in one transaction.
func (s *Service) useHeld(
	ctx context.Context, v *Visitor, purpose Purpose, typed string, do func(Tx, Challenge, Case) error,
) error {
	return s.update(ctx, v, func(tx Tx) error {
		challenge, c, err := s.pressed(ctx, tx, v, purpose, typed)
		if err != nil {
			return err
		}
		if err := s.use(ctx, tx, v, challenge); err != nil {
			return err
		}
		delete(v.Session.Held, purpose)
		if err := s.saveSession(ctx, tx, v); err != nil {
			return err
		}
		return do(tx, challenge, c)
	})
}

// endCase closes a case with everything that could still act in it. Links to stop mail stay good.
func (s *Service) endCase(ctx context.Context, tx Tx, c *Case) error {
	now := s.Now()
	c.EndedAt = now
	if err := tx.UpdateCase(ctx, *c); err != nil {
		return err
	}
	if err := tx.EndSessions(ctx, c.ID); err != nil {
		return err
	}
	if err := tx.EndChallenges(ctx, c.ID, PurposeStop, now); err != nil {
		return err
	}
	return tx.FailQueued(ctx, c.ID, ReasonEnded, now)
}
