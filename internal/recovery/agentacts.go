package recovery

import (
	"context"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Resolve marks a case as resolved, once. It ends nothing for the customer. ErrReferenceForm, ErrNotFound.
func (a *Agents) Resolve(ctx context.Context, v *AgentVisitor, reference string) error {
	return a.step(ctx, v, func(tx Tx) error {
		c, err := a.theCase(ctx, tx, reference)
		if err != nil {
			return err
		}
		if err := lock(ctx, tx, c.ID); err != nil { // two who press at once take turns
			return err
		}
		acts, err := tx.Audit(ctx, c.Reference)
		if err != nil {
			return err
		}
		if _, done := resolvedIn(acts); done {
			return nil
		}
		return a.record(ctx, tx, v, c, ActResolved, "")
	})
}

// Resend sends a mail of the case once more, to the address it went to before and to no other: the code to the
// case's own, or a sign-in link to the account's own. It asks the portal for the latter. ErrReferenceForm,
// ErrNotFound, ErrCaseEnded, ErrNotAllowed, ErrPortal, ErrTooManyMails.
func (a *Agents) Resend(ctx context.Context, v *AgentVisitor, reference string, kind Kind, accountID string) error {
	if !v.Session.SignedIn() {
		return ErrNotSignedIn
	}
	c, err := a.theCase(ctx, a.service.Store, reference)
	if err != nil {
		return err
	}
	if !c.Open() {
		return ErrCaseEnded
	}
	switch kind {
	case KindProve:
		err = a.resendProof(ctx, v, c)
	case KindSignIn:
		err = a.resendSignIn(ctx, v, c, accountID)
	default:
		err = ErrNotAllowed
	}
	if err == nil {
		a.service.Queued()
	}
	return err
}

// resendProof counts against what support has on top of the address's own budget (R10). A mailbox that asked
// for no more mail gets this one: its owner asked support for it, and proof through it lifts the stop (R12).
func (a *Agents) resendProof(ctx context.Context, v *AgentVisitor, c Case) error {
	s := a.service
	return a.step(ctx, v, func(tx Tx) error {
		c, err := openCase(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		to := mailTo{c.Address, c.AddressHash}
		challenge, err := s.proofChallenge(ctx, tx, c, to)
		if err != nil {
			return err
		}
		waits, err := s.stillQueued(ctx, tx, c.ID, func(d Delivery) bool { return d.ChallengeID == challenge.ID })
		if err != nil || waits {
			return err
		}
		// In the order in which a start by a support link counts, so that neither waits for the other.
		ok, err := s.take(ctx, tx, s.allMailBudget(), s.supportLinkBudget(c.Address))
		if err != nil {
			return err
		}
		if !ok {
			return ErrTooManyMails
		}
		if err := tx.InsertDelivery(ctx, s.proofMail(challenge)); err != nil {
			return err
		}
		return a.record(ctx, tx, v, c, ActAgentResent, string(KindProve))
	})
}

// resendSignIn mails a sign-in link to an account that the case has had one for. What permitted it then is asked
// for again, and it counts among the case's mails.
func (a *Agents) resendSignIn(ctx context.Context, v *AgentVisitor, c Case, accountID string) error {
	s := a.service
	known, err := a.story(ctx, c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(known.Resends, func(r Resend) bool { return r.Kind == KindSignIn && r.AccountID == accountID }) {
		return ErrNotAllowed
	}
	to, err := a.stillPermitted(ctx, c, known, accountID)
	if err != nil {
		return err
	}
	return a.step(ctx, v, func(tx Tx) error {
		if _, err := openCase(ctx, tx, c.ID); err != nil { // its owner may have ended it while the portal was asked
			return err
		}
		queued, err := s.queueLink(ctx, tx, c, to, s.signInMail())
		if err != nil || !queued {
			return err
		}
		return a.record(ctx, tx, v, c, ActAgentResent, string(KindSignIn))
	})
}

// stillPermitted is the account as it is now, if one of the mailboxes proven in the case still permits a link to
// its address.
func (a *Agents) stillPermitted(ctx context.Context, c Case, known Story, accountID string) (account.Account, error) {
	err := ErrNotAllowed
	asked := map[string]bool{}
	for _, proof := range slices.Backward(known.Proofs) {
		if asked[proof.AddressHash] {
			continue
		}
		asked[proof.AddressHash] = true
		var found account.Account
		found, err = a.service.permittedTo(ctx, c, address(proof.Address), known.Identities, accountID, diagnosis.EmailSignInLink)
		if err == nil {
			return found, nil
		}
	}
	return account.Account{}, err
}

// mailedByAgent reports whether an agent had a code mailed in the case, and to the address, of a challenge.
func (s *Service) mailedByAgent(ctx context.Context, tx Tx, used Challenge) (bool, error) {
	c, err := tx.Case(ctx, used.CaseID)
	if err != nil {
		return false, err
	}
	acts, err := tx.Audit(ctx, c.Reference)
	return slices.ContainsFunc(acts, func(e AuditEntry) bool {
		return e.Act == ActAgentResent && e.Detail == string(KindProve) && e.AddressHash == used.AddressHash
	}), err
}
