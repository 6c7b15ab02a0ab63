package outbox

import (
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// supportLanguage is the language of what support reads, whatever the customer's is.
const supportLanguage = "en"

// ticket is the hand-off to support: the customer's words and the technical details of the case.
func (l *Letters) ticket(job recovery.Job) (letter, error) {
	data, err := l.ticketOf(job)
	return letter{to: l.Support, lang: supportLanguage, data: data}, err
}

// disowned tells support of a "this wasn't me".
func (l *Letters) disowned(job recovery.Job) (letter, error) {
	data, err := l.ticketOf(job)
	for i := range data.Findings {
		data.Findings[i].Disowned = true
	}
	return letter{to: l.Support, lang: supportLanguage, data: templates.MailDisowned{MailTicket: data}}, err
}

func (l *Letters) ticketOf(job recovery.Job) (templates.MailTicket, error) {
	h := job.HandOff
	if h == nil {
		return templates.MailTicket{}, errRow
	}
	e, err := recovery.DecodeEvidence(h.Evidence)
	if err != nil {
		return templates.MailTicket{}, err
	}
	return templates.MailTicket{
		MailBase:   base(job),
		Address:    h.Address,
		Language:   job.Case.Language,
		Link:       ticketLink(e.Link),
		Entry:      string(job.Case.Entry),
		ConsoleURL: l.consoleURL(job.Case),
		Message:    h.Message,
		Incomplete: e.Incomplete,
		Said:       ticketSaid(e.Said),
		Proofs:     ticketProofs(e.Proven),
		Identities: ticketIdentities(e.Identities),
		NotLooked:  len(e.Findings) == 0 && len(e.Checks) == 0,
		Findings:   ticketFindings(e.Findings),
		Checks:     ticketChecks(e),
		Steps:      ticketSteps(e.Acts),
		Deliveries: ticketDeliveries(e.Mails),
	}, nil
}

func ticketLink(link *recovery.EvidenceLink) *templates.TicketLink {
	if link == nil {
		return nil
	}
	return &templates.TicketLink{Ticket: link.Ticket, Signed: link.Signed, Expected: string(link.Expected)}
}

func ticketSaid(said *recovery.EvidenceSaid) *templates.SymptomView {
	if said == nil {
		return nil
	}
	return &templates.SymptomView{ID: string(said.Symptom), Text: said.Text}
}

func ticketProofs(proven []recovery.EvidenceProof) []templates.TicketProof {
	var out []templates.TicketProof
	for _, p := range proven {
		out = append(out, templates.TicketProof{Address: p.Address, Via: string(p.Via), At: p.At})
	}
	return out
}

func ticketIdentities(own []recovery.EvidenceIdentity) []templates.TicketIdentity {
	var out []templates.TicketIdentity
	for _, i := range own {
		out = append(out, templates.TicketIdentity{Subject: i.Subject, Issuer: i.Issuer, At: i.At})
	}
	return out
}

func ticketFindings(findings []recovery.EvidenceFinding) []templates.TicketFinding {
	var out []templates.TicketFinding
	for _, f := range findings {
		t := templates.TicketFinding{
			Situation: string(f.Situation), AccountID: f.AccountID, Ownership: string(f.Ownership),
			Identity: f.Identity, BillingAccounts: f.BillingAccounts, Proofs: templates.IDs(f.Proofs), Needs: templates.IDs(f.Needs),
		}
		for _, fact := range f.Evidence.Facts {
			t.Facts = append(t.Facts, templates.TicketFact{Name: fact.Name, Value: fact.Value})
		}
		out = append(out, t)
	}
	return out
}

func ticketChecks(e recovery.Evidence) []templates.CheckView {
	var out []templates.CheckView
	for _, c := range e.Checks {
		out = append(out, templates.CheckView{ID: string(c.ID), State: string(c.State)})
	}
	return out
}

func ticketSteps(acts []recovery.EvidenceAct) []templates.TicketStep {
	var out []templates.TicketStep
	for _, a := range acts {
		out = append(out, templates.TicketStep{At: a.At, Act: a.Act, Detail: a.Detail})
	}
	return out
}

func ticketDeliveries(mails []recovery.EvidenceDelivery) []templates.TicketDelivery {
	var out []templates.TicketDelivery
	for _, m := range mails {
		out = append(out, templates.TicketDelivery{
			Kind: string(m.Kind), State: string(m.State), Reason: string(m.Reason), At: m.At,
		})
	}
	return out
}
