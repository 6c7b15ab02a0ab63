package recovery

import (
	"context"
	"slices"
	"time"
)

// GotIn is the answer to "Did you get in?".
type GotIn string

// The answers.
const (
	GotInUnknown GotIn = ""
	GotInYes     GotIn = "yes"
	GotInNo      GotIn = "no"
)

// gotInActs are the steps that answers are.
var gotInActs = map[GotIn]string{GotInYes: ActGotIn, GotInNo: ActNotIn}

// triedToSignIn are the steps after which a customer is asked.
var triedToSignIn = []string{ActSignedIn, ActSignInMailed, ActConfirmMailed, ActConfirmed}

// SayGotIn notes whether the customer got in. It is asked once, after something that should have let them in
// and before they asked for a person; the first answer counts. ErrNoCase, ErrNotProven, ErrNotAllowed where
// nobody asked.
func (s *Service) SayGotIn(ctx context.Context, v *Visitor, answer GotIn) error {
	act, ok := gotInActs[answer]
	if !ok {
		return ErrNotAllowed
	}
	return s.update(ctx, v, func(tx Tx) error {
		p, proof, err := withProof(s.progress(ctx, tx, v))
		if err != nil {
			return err
		}
		if err := lock(ctx, tx, p.Case.ID); err != nil {
			return err
		}
		acts, err := tx.Audit(ctx, p.Case.Reference)
		if err != nil {
			return err
		}
		asked, said := gotIn(acts)
		switch {
		case said.Act != "":
			return nil
		case !asked:
			return ErrNotAllowed
		}
		return s.audit(ctx, tx, *p.lookingAt(proof), act, "")
	})
}

// mailWaits reports whether the last thing done to sign in was a mail whose link has not been used, and still works.
// How long the vendor's own works is not known: it is taken to be as long as ours.
func (s *Service) mailWaits(acts []AuditEntry) bool {
	var until time.Time
	for _, a := range acts {
		switch {
		case a.Act == ActSignInMailed, a.Act == ActAgentResent && a.Detail == string(KindSignIn):
			until = a.At.Add(s.Policy.SignInFor)
		case a.Act == ActConfirmMailed:
			until = a.At.Add(s.Policy.ConfirmFor)
		case slices.Contains(triedToSignIn, a.Act):
			until = time.Time{}
		}
	}
	return s.Now().Before(until)
}

// signedInLast reports whether the last thing done to get in was to sign in, and not to confirm an address or to have a
// mail sent, after which nobody is in yet.
func signedInLast(acts []AuditEntry) bool {
	last := ""
	for _, a := range acts {
		if slices.Contains(triedToSignIn, a.Act) || a.Act == ActAgentResent {
			last = a.Act
		}
	}
	return last == ActSignedIn
}

// gotIn is whether the question is asked in a case, and the act of its answer.
func gotIn(acts []AuditEntry) (asked bool, said AuditEntry) {
	for _, a := range acts {
		switch {
		case a.Act == ActGotIn, a.Act == ActNotIn:
			return false, a
		case a.Act == ActHandedOff:
			return false, AuditEntry{}
		case slices.Contains(triedToSignIn, a.Act):
			asked = true
		}
	}
	return asked, AuditEntry{}
}

// gotInBy is the answer that an act gives of an address; one that was given of another address says nothing of it.
func gotInBy(said AuditEntry, addressHash string) GotIn {
	if said.AddressHash != addressHash {
		return GotInUnknown
	}
	for answer, act := range gotInActs {
		if act == said.Act {
			return answer
		}
	}
	return GotInUnknown
}
