package recovery

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Step is a page of the journey.
type Step string

// The steps.
const (
	StepStart      Step = "start"
	StepCheckEmail Step = "check-email"
	StepSituation  Step = "situation"
	StepSupport    Step = "support"
)

// Progress is where a browser stands: its case and the proofs that hold now.
type Progress struct {
	Case   *Case   // nil: none, or no longer open
	Proofs []Proof // newest first
	own    *Proof  // that of the case's address, nil if it is not proven
}

// Next is the page for this progress. It is the one dispatcher: every step ends by asking it, so that
// the back button, a second tab and a restart of the server all lead to the same page.
func (p Progress) Next() Step {
	switch {
	case p.Case == nil:
		return StepStart
	case p.own == nil || p.waiting():
		return StepCheckEmail
	case p.Case.LastAct == ActHandedOff:
		return StepSupport
	default:
		return StepSituation
	}
}

// waiting reports whether a mail was asked for since the last proof.
func (p Progress) waiting() bool {
	return p.Case.LastAct == ActStarted || p.Case.LastAct == ActResent
}

// May reports whether a page can be shown at all to who asks for it by its path.
func (p Progress) May(step Step) bool {
	switch step {
	case StepCheckEmail:
		return p.Case != nil && (p.own == nil || p.waiting())
	case StepSituation, StepSupport:
		return p.Case != nil && len(p.Proofs) > 0
	default:
		return true
	}
}

// current is the proof that /situation looks at: the case's address, else the newest proven one.
func (p Progress) current() (Proof, error) {
	if p.Case == nil {
		return Proof{}, ErrNoCase
	}
	if len(p.Proofs) == 0 {
		return Proof{}, ErrNotProven
	}
	if p.own != nil {
		return *p.own, nil
	}
	return p.Proofs[0], nil
}

// withProof adds to where a browser stands the proof that is looked at. ErrNoCase, ErrNotProven.
func withProof(p Progress, err error) (Progress, Proof, error) {
	if err != nil {
		return p, Proof{}, err
	}
	proof, err := p.current()
	return p, proof, err
}

// holds reports whether one of the proofs is of this address.
func (p Progress) holds(addressHash string) bool {
	return slices.ContainsFunc(p.Proofs, func(proof Proof) bool { return proof.AddressHash == addressHash })
}

// ends is when the last of the proofs is over, however busy the browser is; the zero time without any.
func (p Progress) ends() (last time.Time) {
	for _, proof := range p.Proofs {
		if proof.ExpiresAt.After(last) {
			last = proof.ExpiresAt
		}
	}
	return last
}

// lookingAt is the case as it looks at a proof. What is done on the page of an address is a step of that
// address, even while the case waits for the code of another one: the customer went back, and the next page
// is the one that shows what became of it.
func (p Progress) lookingAt(proof Proof) *Case {
	c := *p.Case
	c.Address, c.AddressHash = proof.Address, proof.AddressHash
	return &c
}

// Progress loads where a browser stands.
func (s *Service) Progress(ctx context.Context, v *Visitor) (Progress, error) {
	if p := v.reached; p != nil {
		v.reached = nil
		return *p, nil
	}
	return s.progress(ctx, s.Store, v)
}

// reach notes where the transaction under way leaves the browser. proofs are those that are stored.
func (s *Service) reach(v *Visitor, c Case, proofs []Proof) {
	p := s.stand(c, proofs)
	v.reached = &p
}

func (s *Service) progress(ctx context.Context, r Reader, v *Visitor) (Progress, error) {
	var p Progress
	if !v.Session.Stored() || v.Session.CaseID == "" {
		return p, nil
	}
	c, proofs, err := r.CaseAndProofs(ctx, v.Session.CaseID, v.Session.Lineage, s.Now())
	if errors.Is(err, ErrNotFound) || (err == nil && !c.Open()) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return s.stand(c, proofs), nil
}

// proofsOf are those of the session that are not past their absolute end, newest first.
func (s *Service) proofsOf(ctx context.Context, r Reader, v *Visitor) ([]Proof, error) {
	return r.Proofs(ctx, v.Session.Lineage, s.Now())
}

// stand is the progress of a browser in an open case with these proofs, newest first.
func (s *Service) stand(c Case, proofs []Proof) Progress {
	p := Progress{Case: &c}
	p.Proofs = slices.DeleteFunc(proofs, func(proof Proof) bool {
		return !proof.valid(s.Now(), s.Policy.ProofIdle)
	})
	i := slices.IndexFunc(p.Proofs, func(proof Proof) bool { return proof.AddressHash == c.AddressHash })
	if i >= 0 {
		p.own = &p.Proofs[i]
	}
	return p
}
