package recovery

import (
	"context"
	"errors"
	"slices"
)

// Story is all that is known of a case, for the agent who helps its customer: nothing in it is of anybody else,
// and blind mails are left out of it, whose outcome nobody is told (R2).
type Story struct {
	Case       Case
	Proofs     []Proof
	Identities []IdentityProof
	Found      []FoundRecord // AccountID is "" for what was found of the address itself
	Deliveries []Delivery    // oldest first
	Challenges []Challenge   // oldest first
	HandOffs   []HandOff
	Acts       []AuditEntry // oldest first
	// Evidence is what the ticket of the case carries, or would carry now; Filed is that ticket.
	Evidence Evidence
	Filed    *HandOff
	Resolved *AuditEntry
	// Resends are the mails that can be sent once more.
	Resends []Resend
}

// Resend is a mail that an agent may have sent once more, to the address it went to before: the case's own for
// KindProve, the account's own for KindSignIn.
type Resend struct {
	Kind      Kind
	AccountID string
	Address   string
}

// Story loads a case by its reference, and writes down that the agent looked at it. ErrReferenceForm,
// ErrNotFound.
func (a *Agents) Story(ctx context.Context, v *AgentVisitor, reference string) (Story, error) {
	var c Case
	err := a.step(ctx, v, func(tx Tx) (err error) {
		if c, err = a.theCase(ctx, tx, reference); err != nil {
			return err
		}
		return a.record(ctx, tx, v, c, ActAgentViewed, "")
	})
	if err != nil {
		return Story{}, err
	}
	return a.story(ctx, c)
}

func (a *Agents) story(ctx context.Context, c Case) (Story, error) {
	s := Story{Case: c}
	r := a.service.Store
	for _, load := range []func() error{
		func() (err error) { s.Proofs, err = r.CaseProofs(ctx, c.ID); return err },
		func() (err error) { s.Identities, err = r.CaseIdentityProofs(ctx, c.ID); return err },
		func() (err error) { s.Challenges, err = r.CaseChallenges(ctx, c.ID); return err },
		func() (err error) { s.Acts, err = r.Audit(ctx, c.Reference); return err },
		func() (err error) { s.Deliveries, err = r.Deliveries(ctx, c.ID); return err },
		func() (err error) { s.Found, err = r.Found(ctx, c.ID); return err },
		func() error { return a.addHandOffs(ctx, &s) },
	} {
		if err := load(); err != nil {
			return Story{}, err
		}
	}
	s.Deliveries = slices.DeleteFunc(s.Deliveries, func(d Delivery) bool { return d.Kind.blind() })
	slices.Reverse(s.Deliveries)
	if done, ok := resolvedIn(s.Acts); ok {
		s.Resolved = &done
	}
	if err := a.addEvidence(ctx, &s); err != nil {
		return Story{}, err
	}
	for i := range s.Found {
		if a.ofAddress(s, s.Found[i].AccountID) {
			s.Found[i].AccountID = ""
		}
	}
	s.Resends = resends(s)
	return s, nil
}

func (a *Agents) addHandOffs(ctx context.Context, s *Story) error {
	for _, kind := range []HandOffKind{HandOffSupport, HandOffDisown} {
		h, err := a.service.Store.HandOff(ctx, s.Case.ID, kind)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		s.HandOffs = append(s.HandOffs, h)
	}
	return nil
}

// addEvidence takes what went with the hand-off or, where none did, what would go now.
func (a *Agents) addEvidence(ctx context.Context, s *Story) error {
	if len(s.HandOffs) > 0 {
		s.Filed = &s.HandOffs[0]
		var err error
		s.Evidence, err = DecodeEvidence(s.Filed.Evidence)
		return err
	}
	var err error
	if s.Evidence, err = a.service.caseEvidence(ctx, a.service.Store, s.Case); err != nil {
		return err
	}
	s.Evidence.addFound(s.Found, func(id string) bool { return a.ofAddress(*s, id) })
	s.Evidence.shorten(s.Case.Address)
	return nil
}

// ofAddress reports whether what a finding is on record for is the hash of an address of the case.
func (a *Agents) ofAddress(s Story, id string) bool {
	return id == s.Case.AddressHash ||
		slices.ContainsFunc(s.Proofs, func(p Proof) bool { return p.AddressHash == id }) ||
		slices.ContainsFunc(s.Challenges, func(c Challenge) bool { return c.Purpose == PurposeProve && c.AddressHash == id })
}

// resends are the code of the case's address, and each sign-in link that went out, unless the case has ended.
func resends(s Story) []Resend {
	if !s.Case.Open() {
		return nil
	}
	all := []Resend{{Kind: KindProve, Address: s.Case.Address}}
	for _, c := range s.Challenges {
		r := Resend{Kind: KindSignIn, AccountID: c.AccountID, Address: c.Address}
		if c.Purpose == PurposeSignIn && len(s.Proofs) > 0 && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}
