package recovery

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// Evidence is what a ticket carries beside the customer's words: what was proven, found, tried and
// mailed. It holds no address but the proven ones, no name, and nothing that acts.
type Evidence struct {
	Reference string    `json:"reference"`
	Language  string    `json:"language"`
	Browser   string    `json:"browser"`
	Entry     Entry     `json:"entry"`
	StartedAt time.Time `json:"started_at"`
	// Link is what the support link said by which the case began; nil without one.
	Link   *EvidenceLink   `json:"link,omitempty"`
	Proven []EvidenceProof `json:"proven"`
	// Identities are those that the customer signed in to.
	Identities []EvidenceIdentity `json:"identities,omitempty"`
	Said       *EvidenceSaid      `json:"said,omitempty"`
	Findings   []EvidenceFinding  `json:"findings"`
	// Incomplete: the customer portal could not be asked, so the findings are no diagnosis.
	Incomplete bool               `json:"incomplete"`
	Checks     []diagnosis.Check  `json:"checks"`
	Acts       []EvidenceAct      `json:"acts"`
	Mails      []EvidenceDelivery `json:"mails"`
}

// EvidenceLink is a link in a support reply. One without a signature may have been written by anybody: what it
// says is a mark, and the case is not bound by it.
type EvidenceLink struct {
	Ticket   string       `json:"ticket"`
	Signed   bool         `json:"signed"`
	Expected diagnosis.ID `json:"expected,omitempty"`
}

// EvidenceProof is a mailbox proven in the case.
type EvidenceProof struct {
	Address string    `json:"address"`
	Via     Via       `json:"via"`
	At      time.Time `json:"at"`
}

// EvidenceSaid is what the customer told us they saw. Text is "" for a symptom that is no message.
type EvidenceSaid struct {
	Symptom diagnosis.Symptom `json:"symptom"`
	Text    string            `json:"text,omitempty"`
}

// EvidenceIdentity is an identity that was shown to be the customer's: it is named by its id alone, since
// its email is another address.
type EvidenceIdentity struct {
	Provider string    `json:"provider"`
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"` // of OpenID Connect
	At       time.Time `json:"at"`
}

// EvidenceFinding is a finding with the rule that fired and the facts behind it.
type EvidenceFinding struct {
	Situation diagnosis.ID        `json:"situation"`
	AccountID string              `json:"account,omitempty"`
	Ownership diagnosis.Ownership `json:"ownership,omitempty"`
	// Identity is the number of the identity linked to the account, and BillingAccounts are those that the account
	// is a member of: what support would unlink, or add somebody to. The customer is told neither (R2).
	Identity        string             `json:"identity,omitempty"`
	BillingAccounts []string           `json:"billing_accounts,omitempty"`
	Evidence        diagnosis.Evidence `json:"evidence"`
	// Proofs are what support needs, one of them, before it acts; Needs come on top.
	Proofs []diagnosis.Proof `json:"proofs,omitempty"`
	Needs  []diagnosis.Proof `json:"needs,omitempty"`
}

// EvidenceAct is a step of the case.
type EvidenceAct struct {
	At     time.Time `json:"at"`
	Act    string    `json:"act"`
	Detail string    `json:"detail,omitempty"`
}

// EvidenceDelivery is a mail of the case and what became of it.
type EvidenceDelivery struct {
	Kind   Kind      `json:"kind"`
	State  State     `json:"state"`
	Reason Reason    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// DecodeEvidence reads what a HandOff holds.
func DecodeEvidence(stored []byte) (Evidence, error) {
	var e Evidence
	err := json.Unmarshal(stored, &e)
	return e, err
}

// FirstOfEach are the findings, of each situation the first, in the order found.
func (e Evidence) FirstOfEach() []EvidenceFinding {
	var first []EvidenceFinding
	for _, f := range e.Findings {
		if !slices.ContainsFunc(first, func(known EvidenceFinding) bool { return known.Situation == f.Situation }) {
			first = append(first, f)
		}
	}
	return first
}

// SituationsFound are the ids of the situations found, each once, in the order found.
func (e Evidence) SituationsFound() []string {
	var ids []string
	for _, f := range e.FirstOfEach() {
		ids = append(ids, string(f.Situation))
	}
	return ids
}

// SituationsOf are the ids of the situations found, each once, in the order found. Rows outlive an update: what is no
// situation any more is left out.
func SituationsOf(found []FoundRecord) []string {
	var ids []string
	for _, f := range found {
		if Known(f.Situation) && !slices.Contains(ids, f.Situation) {
			ids = append(ids, f.Situation)
		}
	}
	return ids
}

// Known reports whether there is a situation of that id, as there may be no more for what a row says.
func Known(situation string) bool {
	_, known := diagnosis.ByID(diagnosis.ID(situation))
	return known
}

// encode is what is stored of a hand-off that is of this address.
func (e Evidence) encode(address string) []byte {
	e.shorten(address)
	encoded, err := json.Marshal(e)
	if err != nil { // plain data: cannot happen
		return []byte("{}")
	}
	return encoded
}

// caseEvidence is what is stored of a case, without a diagnosis.
func (s *Service) caseEvidence(ctx context.Context, r Reader, c Case) (Evidence, error) {
	e := Evidence{
		Reference: c.Reference, Language: c.Language, Browser: c.Browser, Entry: c.Entry, StartedAt: c.CreatedAt,
	}
	if c.Ticket != "" {
		e.Link = &EvidenceLink{Ticket: c.Ticket, Signed: c.Bound(), Expected: diagnosis.ID(c.Expected)}
	}
	proofs, err := r.CaseProofs(ctx, c.ID)
	if err != nil {
		return e, err
	}
	for _, p := range proofs {
		e.Proven = append(e.Proven, EvidenceProof{p.Address, p.Via, p.At})
	}
	identities, err := r.CaseIdentityProofs(ctx, c.ID)
	if err != nil {
		return e, err
	}
	for _, i := range identities {
		e.Identities = append(e.Identities, EvidenceIdentity{i.Provider, i.Subject, i.Issuer, i.At})
	}
	acts, err := r.Audit(ctx, c.Reference)
	if err != nil {
		return e, err
	}
	for _, a := range acts {
		if a.Act == ActAgentViewed || a.Act == ActAgentSearched {
			continue // no step of the case
		}
		e.Acts = append(e.Acts, EvidenceAct{a.At, a.Act, a.Detail})
	}
	if err := addLapsed(ctx, r, c, &e, proofs, acts); err != nil {
		return e, err
	}
	deliveries, err := r.Deliveries(ctx, c.ID)
	for _, d := range slices.Backward(deliveries) {
		if !d.Kind.blind() {
			e.Mails = append(e.Mails, EvidenceDelivery{d.Kind, d.Told(), d.Reason, d.ChangedAt})
		}
	}
	return e, err
}

// shorten leaves out of many steps of one kind, of many mails and of many mailboxes those in the middle: where they stood
// is one with "+" and how many. Whoever sits in somebody's mailbox and presses a button a thousand times, or proves
// hundreds of their own beside it, would else make a ticket that no desk takes, and it may be the owner's "this wasn't
// me". The mailbox that it is about, address, is always told.
func (e *Evidence) shorten(address string) {
	theirs := func(p EvidenceProof) string {
		if p.Address == address {
			return address
		}
		return ""
	}
	e.Proven = ends(e.Proven, theirs, func(p EvidenceProof, n string) EvidenceProof {
		return EvidenceProof{n, viaOthers, p.At}
	})
	e.Acts = ends(e.Acts, func(a EvidenceAct) string { return a.Act }, func(a EvidenceAct, n string) EvidenceAct {
		return EvidenceAct{a.At, a.Act, n}
	})
	e.Mails = ends(e.Mails, func(d EvidenceDelivery) string { return string(d.Kind) }, func(d EvidenceDelivery, n string) EvidenceDelivery {
		return EvidenceDelivery{d.Kind, stateOthers, Reason(n), d.At} // they may have come to different ends
	})
}

// stateOthers is what stands in place of a state for mails that are not told one by one.
const stateOthers State = "others"

// viaOthers stands in place of the way for mailboxes that are not told one by one.
const viaOthers Via = "others"

// fewOfEach is how many of one kind are kept from either end.
const fewOfEach = 5

// ends are the first and the last few of each kind, and between them what stands for the others.
func ends[T any](all []T, kind func(T) string, others func(first T, n string) T) []T {
	total, seen := map[string]int{}, map[string]int{}
	for _, one := range all {
		total[kind(one)]++
	}
	var kept []T
	for _, one := range all {
		n, left := seen[kind(one)], total[kind(one)]-2*fewOfEach
		seen[kind(one)]++
		switch {
		case left <= 0, n < fewOfEach, n >= fewOfEach+left:
			kept = append(kept, one)
		case n == fewOfEach:
			kept = append(kept, others(one, "+"+strconv.Itoa(left)))
		}
	}
	return kept
}

// addLapsed adds the mailboxes whose proof is stored no more: it opens nothing now, and was shown all the same.
// One that no row names any more is left out.
func addLapsed(ctx context.Context, r Reader, c Case, e *Evidence, stored []Proof, acts []AuditEntry) error {
	known := map[string]bool{"": true}
	for _, p := range stored {
		known[p.AddressHash] = true
	}
	proven, err := r.ProvenAddresses(ctx, c)
	if err != nil {
		return err
	}
	addresses := map[string]string{}
	for _, p := range proven {
		addresses[p.Hash] = p.Address
	}
	for _, a := range acts {
		if a.Act != ActProven || known[a.AddressHash] || addresses[a.AddressHash] == "" {
			continue
		}
		known[a.AddressHash] = true
		e.Proven = append(e.Proven, EvidenceProof{addresses[a.AddressHash], Via(a.Detail), a.At})
	}
	slices.SortStableFunc(e.Proven, func(x, y EvidenceProof) int { return x.At.Compare(y.At) })
	return nil
}

// addReport adds the diagnosis of the address that is looked at, with the ids that only support is told.
func (e *Evidence) addReport(d Diagnosis) {
	report := d.Report
	e.Incomplete = report.Incomplete
	e.Checks = report.Checks
	for _, f := range report.General {
		e.Findings = append(e.Findings, EvidenceFinding{
			Situation: f.ID, Evidence: f.Evidence, Proofs: f.Proofs, Needs: f.Needs,
		})
	}
	for _, a := range report.Accounts {
		for _, f := range a.Findings {
			finding := EvidenceFinding{
				Situation: f.ID, AccountID: a.Account.ID, Ownership: a.Ownership,
				Evidence: f.Evidence, Proofs: f.Proofs, Needs: f.Needs,
			}
			if !f.Neutral {
				finding.Identity, finding.BillingAccounts = d.subjects[a.Account.ID], billingIDs(a.Account)
			}
			e.Findings = append(e.Findings, finding)
		}
	}
}

func billingIDs(a account.Account) []string {
	var ids []string
	for _, m := range a.BillingAccounts {
		ids = append(ids, m.ID)
	}
	return ids
}

// addFound adds what was found earlier in the case, where there is nobody to make a new diagnosis for.
// Findings of an address itself are on record under its hash, which says nothing to support: what was found of several
// is told once.
func (e *Evidence) addFound(found []FoundRecord, ofAddress func(id string) bool) {
	for _, f := range found {
		situation, ok := diagnosis.ByID(diagnosis.ID(f.Situation))
		if !ok {
			continue
		}
		finding := EvidenceFinding{Situation: situation.ID, Proofs: situation.Proofs, Needs: situation.Needs}
		if !ofAddress(f.AccountID) {
			finding.AccountID = f.AccountID
		}
		same := func(told EvidenceFinding) bool {
			return told.Situation == situation.ID && told.AccountID == finding.AccountID
		}
		if !slices.ContainsFunc(e.Findings, same) {
			e.Findings = append(e.Findings, finding)
		}
	}
}

// addNumbers adds to what was found earlier the numbers that the case's own request to support has of the same accounts:
// a row of a finding holds none, and who disowns a case does not wait for the customer portal.
func addNumbers(ctx context.Context, r Reader, c Case, e *Evidence) error {
	filed, err := r.HandOff(ctx, c.ID, HandOffSupport)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	asked, err := DecodeEvidence(filed.Evidence)
	for i, f := range e.Findings {
		known := slices.IndexFunc(asked.Findings, func(k EvidenceFinding) bool {
			return k.Situation == f.Situation && k.AccountID == f.AccountID
		})
		if known >= 0 {
			e.Findings[i].Identity, e.Findings[i].BillingAccounts = asked.Findings[known].Identity, asked.Findings[known].BillingAccounts
		}
	}
	return err
}

// Asked is what support asks the customer for; see diagnosis.Report.
func (e Evidence) Asked() (oneOf, allOf []diagnosis.Proof) {
	return diagnosis.Report{General: e.situations()}.Asked()
}

// situations are the findings as far as their names go, for a page that shows what was sent.
func (e *Evidence) situations() []diagnosis.Finding {
	var found []diagnosis.Finding
	for _, f := range e.Findings {
		if situation, ok := diagnosis.ByID(f.Situation); ok {
			found = append(found, diagnosis.Finding{Situation: situation, Evidence: f.Evidence})
		}
	}
	return found
}
