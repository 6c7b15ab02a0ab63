package recovery

import (
	"context"
	"slices"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Mailed is the newest mail of a kind about an account in this case. The vendor's own mail to the address looked at
// has no AccountID, and nobody hears what becomes of it.
type Mailed struct {
	Kind      Kind
	AccountID string
	State     State
	At        time.Time
}

// Diagnosis is what /situation shows.
type Diagnosis struct {
	Case              Case
	Address           string   // the proven address that is looked at
	Others            []string // further addresses this browser has proven, for LookAt
	Report            diagnosis.Report
	Said              diagnosis.Symptom // what the customer told us of the address; "" for nothing
	Mailed            []Mailed
	OtherAddressAsked bool
	HandedOff         bool
	MailWaits         bool            // the last thing done was a mail, and its link is not used and works
	AsksGotIn         bool            // "Did you get in?" is asked
	SignedInLast      bool            // and comes first: the last thing done was to sign in
	GotIn             GotIn           // what was answered of this address
	CanProveIdentity  bool            // BeginIdentity is there
	Identities        []IdentityProof // that hold now, newest first
	// NoAccountAt is the newest of Others under which this case found no account; "" for none. It was proven in
	// this browser too, so it may be named on the page of Address (R2).
	NoAccountAt string

	subjects map[string]string // of the identities linked to the accounts, by account: for support alone (R2)
}

// Diagnose asks the portal and finds the situations of the address looked at. A portal that fails gives
// an incomplete report and no error. ErrNoCase, ErrNotProven.
func (s *Service) Diagnose(ctx context.Context, v *Visitor) (Diagnosis, error) {
	p, proof, err := withProof(s.Progress(ctx, v))
	if err != nil {
		return Diagnosis{}, err
	}
	d := Diagnosis{Case: *p.lookingAt(proof), Address: proof.Address}
	for _, other := range p.Proofs {
		if other.AddressHash != proof.AddressHash {
			d.Others = append(d.Others, other.Address)
		}
	}
	d.CanProveIdentity = s.IdentityProvider != nil
	if d.Identities, err = s.ownIdentities(ctx, v); err != nil {
		return d, err
	}
	facts, err := s.facts(ctx, d.Case, address(proof.Address), d.Identities)
	if err != nil {
		return d, err
	}
	d.subjects = subjects(facts)
	if d.Report = diagnosis.Diagnose(facts); len(facts.Said) > 0 {
		d.Said = facts.Said[0]
	}
	found, err := s.Store.Found(ctx, p.Case.ID)
	if err != nil {
		return d, err
	}
	d.NoAccountAt = noAccountAt(found, p.Proofs, proof)
	if err := s.remember(ctx, v, p, proof, found, d); err != nil {
		return d, err
	}
	err = s.addHistory(ctx, &d)
	return d, err
}

// subjects are the numbers of the identities that are linked to the accounts found, by account.
func subjects(f diagnosis.Facts) map[string]string {
	all := map[string]string{}
	for _, a := range slices.Concat(f.Accounts.Value, f.Linked.Value) {
		if a.Identity != nil {
			all[a.ID] = a.Identity.Subject
		}
	}
	return all
}

// remember stores what was found the first time it is, and that this browser is still there.
func (s *Service) remember(ctx context.Context, v *Visitor, p Progress, proof Proof, have []FoundRecord, d Diagnosis) error {
	fresh := newlyFound(have, p.Case.ID, proof.AddressHash, d.Report)
	idle := s.Now().Sub(proof.SeenAt) >= touchEvery(s.Policy.ProofIdle)
	if len(fresh) == 0 && !idle {
		return nil
	}
	return s.update(ctx, v, func(tx Tx) error {
		if v.Session.CaseID != p.Case.ID {
			return ErrNoCase
		}
		if err := s.touchSession(ctx, tx, v); err != nil { // who was erased has no session, and no case to refer to
			return err
		}
		for i, f := range fresh {
			f.At = s.Now()
			if err := tx.PutFound(ctx, f); err != nil {
				return err
			}
			if i == 0 {
				if err := s.audit(ctx, tx, *p.Case, ActExplained, f.Situation); err != nil {
					return err
				}
			}
		}
		if err := tx.TouchProof(ctx, proof.Lineage, proof.AddressHash, s.Now()); err != nil {
			return err
		}
		for _, own := range d.Identities {
			if err := tx.TouchIdentityProof(ctx, own, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// noAccountAt is the newest proven address besides the one looked at under which the case found no account.
func noAccountAt(found []FoundRecord, proofs []Proof, lookedAt Proof) string {
	for _, p := range proofs {
		none := func(f FoundRecord) bool {
			return f.Situation == string(diagnosis.DifferentEmail) && f.AccountID == p.AddressHash
		}
		if p.AddressHash != lookedAt.AddressHash && slices.ContainsFunc(found, none) {
			return p.Address
		}
	}
	return ""
}

// newlyFound are the findings that the case has no record of. What is found for an address without an
// account is kept under the hash of the address.
func newlyFound(have []FoundRecord, caseID, addressHash string, report diagnosis.Report) []FoundRecord {
	seen := map[[2]string]bool{}
	for _, f := range have {
		seen[[2]string{f.AccountID, f.Situation}] = true
	}
	var fresh []FoundRecord
	add := func(of string, findings []diagnosis.Finding) {
		for _, f := range findings {
			if key := [2]string{of, string(f.ID)}; !seen[key] {
				seen[key] = true
				fresh = append(fresh, FoundRecord{CaseID: caseID, AccountID: of, Situation: string(f.ID)})
			}
		}
	}
	add(addressHash, report.General)
	for _, a := range report.Accounts {
		add(a.Account.ID, a.Findings)
	}
	return fresh
}

// addHistory adds what this case has already done.
func (s *Service) addHistory(ctx context.Context, d *Diagnosis) error {
	deliveries, err := s.Store.Deliveries(ctx, d.Case.ID)
	if err != nil {
		return err
	}
	acts, err := s.Store.Audit(ctx, d.Case.Reference)
	if err != nil {
		return err
	}
	d.MailWaits = s.mailWaits(acts)
	asks, said := gotIn(acts)
	d.AsksGotIn, d.GotIn = asks, gotInBy(said, s.hash(d.Address))
	d.SignedInLast = signedInLast(acts)
	var vendors []Mailed // the newest
	for _, a := range acts {
		here := a.AddressHash == s.hash(d.Address)
		d.HandedOff = d.HandedOff || a.Act == ActHandedOff
		d.OtherAddressAsked = d.OtherAddressAsked || here && a.Act == ActOtherAsked
		if here && a.Act == ActConfirmMailed && a.Detail == byThePortal {
			vendors = []Mailed{{Kind: KindConfirm, State: StateAccepted, At: a.At}}
		}
	}
	d.Mailed = append(newestMailed(deliveries), vendors...)
	return nil
}

// newestMailed are the mails after proof, the newest of each kind and account. deliveries are newest first.
func newestMailed(deliveries []Delivery) []Mailed {
	var all []Mailed
	for _, d := range deliveries {
		had := func(m Mailed) bool { return m.Kind == d.Kind && m.AccountID == d.AccountID }
		if d.Kind.afterProof() && !slices.ContainsFunc(all, had) {
			all = append(all, Mailed{d.Kind, d.AccountID, d.Told(), d.ChangedAt})
		}
	}
	return all
}

// LookAt makes another address that this browser has proven the one looked at. ErrNoCase, ErrNotProven,
// ErrTooManySteps.
func (s *Service) LookAt(ctx context.Context, v *Visitor, wanted string) error {
	a, err := account.ParseAddress(wanted)
	if err != nil {
		return ErrNotProven
	}
	return s.update(ctx, v, func(tx Tx) error {
		p, err := s.progress(ctx, tx, v)
		if err != nil {
			return err
		}
		if p.Case == nil {
			return ErrNoCase
		}
		for _, proof := range p.Proofs {
			if a.Is(proof.Address) {
				if err := s.mayStep(ctx, tx, p.Case.ID); err != nil {
					return err
				}
				p.Case.Address, p.Case.AddressHash = proof.Address, proof.AddressHash
				return s.act(ctx, tx, p.Case, ActLookedAt, "")
			}
		}
		return ErrNotProven
	})
}

// acting stores what a browser may do in its case. It took time to find out that it may: nothing is kept where the
// case or the session has ended meanwhile, or the proof lapsed. It is looked at before, since of a case that was erased
// there is no row to refer to, and again once do has locked the case. ErrNoCase, ErrNotProven.
func (s *Service) acting(ctx context.Context, v *Visitor, do func(tx Tx) error) error {
	return s.Store.Update(ctx, func(tx Tx) error {
		if _, _, err := withProof(s.progress(ctx, tx, v)); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		_, _, err := withProof(s.progress(ctx, tx, v))
		return err
	})
}

// permitted is the fresh report and the account that an action is about, if the situation permits it.
func (s *Service) permitted(ctx context.Context, v *Visitor, accountID string, action diagnosis.Action) (Case, account.Account, error) {
	p, proof, err := withProof(s.Progress(ctx, v))
	if err != nil {
		return Case{}, account.Account{}, err
	}
	c := p.lookingAt(proof)
	own, err := s.ownIdentities(ctx, v)
	if err != nil {
		return *c, account.Account{}, err
	}
	a, err := s.permittedTo(ctx, *c, address(proof.Address), own, accountID, action)
	return *c, a, err
}

// permittedTo is the account that an action is about, if the situation of a proven address permits it.
func (s *Service) permittedTo(
	ctx context.Context, c Case, proven account.Address, own []IdentityProof, accountID string, action diagnosis.Action,
) (account.Account, error) {
	grounds, err := s.grounds(ctx, c, proven, own)
	if err != nil {
		return account.Account{}, err
	}
	report := diagnosis.Diagnose(grounds)
	if report.Incomplete || report.MayHave(accountID) {
		return account.Account{}, ErrPortal
	}
	if !report.Allows(accountID, action) {
		return account.Account{}, ErrNotAllowed
	}
	for _, a := range report.Accounts {
		if a.Account.ID == accountID {
			return a.Account, nil
		}
	}
	return account.Account{}, ErrNotAllowed
}
