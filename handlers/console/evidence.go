package console

import (
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// evidence is what the ticket of a case carries, or would carry now.
func evidence(story recovery.Story) templates.ConsoleEvidence {
	e := story.Evidence
	built := templates.ConsoleEvidence{Incomplete: e.Incomplete, Disowned: !story.Case.Open()}
	if filed := story.Filed; filed != nil {
		built.Filed, built.Message, built.Ticket = &filed.CreatedAt, filed.Message, filed.Ticket
	}
	if e.Said != nil {
		built.Said = &templates.SymptomView{ID: string(e.Said.Symptom), Text: e.Said.Text}
	}
	for _, p := range e.Proven {
		built.Proofs = append(built.Proofs, templates.TicketProof{Address: p.Address, Via: string(p.Via), At: p.At})
	}
	for _, i := range e.Identities {
		built.Identities = append(built.Identities, templates.TicketIdentity{Subject: i.Subject, Issuer: i.Issuer, At: i.At})
	}
	for _, f := range e.Findings {
		if recovery.Known(string(f.Situation)) {
			shown := finding(f)
			shown.Disowned = built.Disowned
			built.Findings = append(built.Findings, shown)
		}
	}
	for _, c := range e.Checks {
		built.Checks = append(built.Checks, templates.CheckView{ID: string(c.ID), State: string(c.State)})
	}
	return built
}

func finding(f recovery.EvidenceFinding) templates.TicketFinding {
	return templates.TicketFinding{
		Situation: string(f.Situation), AccountID: f.AccountID, Ownership: string(f.Ownership),
		Identity: f.Identity, BillingAccounts: f.BillingAccounts,
		Facts: facts(f.Evidence.Facts), Proofs: templates.IDs(f.Proofs), Needs: templates.IDs(f.Needs),
	}
}

func facts(all []diagnosis.Fact) []templates.TicketFact {
	var out []templates.TicketFact
	for _, f := range all {
		out = append(out, templates.TicketFact{Name: f.Name, Value: f.Value})
	}
	return out
}
