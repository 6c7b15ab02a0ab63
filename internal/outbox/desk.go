package outbox

import (
	"net/url"
	"slices"
	"strings"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// forDesk is the ticket that a desk makes of a hand-off; nil for all else.
func (l *Letters) forDesk(job recovery.Job, written letter) (*recovery.Ticket, error) {
	if !job.Delivery.Kind.HandsOff() {
		return nil, nil
	}
	h := job.HandOff
	evidence, err := recovery.DecodeEvidence(h.Evidence)
	if err != nil {
		return nil, err
	}
	note, err := l.Renderer.Mail(written.lang, withoutWords(written.data))
	if err != nil {
		return nil, err
	}
	return &recovery.Ticket{
		ID: job.Delivery.ID, Kind: h.Kind, Reference: job.Case.Reference, Requester: h.Address,
		Bound: boundTo(job.Case), Language: job.Case.Language, Message: h.Message, Note: note.Flowing(),
		Evidence: evidence, Support: l.guidance(h.Kind, evidence), ConsoleURL: l.consoleURL(job.Case),
		At: h.CreatedAt,
	}, nil
}

// noteOf is the note that a desk adds to a ticket for an outcome; nil for all else.
func noteOf(job recovery.Job, text templates.Rendered) *recovery.Note {
	outcome := job.Delivery.Kind.Ending()
	if outcome == "" {
		return nil
	}
	ticket, requesters := noted(job)
	return &recovery.Note{
		ID: job.Delivery.ID, Reference: job.Case.Reference, Ticket: ticket,
		Requesters: requesters, Outcome: outcome, Text: text.Flowing(), At: job.Delivery.CreatedAt,
	}
}

// noted is the ticket that a note goes to, and of whom it may be: what the case became where it was disowned, else what
// a support link bound it to. "" for none.
func noted(job recovery.Job) (ticket string, requesters []string) {
	if h := job.HandOff; h != nil && h.Ticket != "" {
		others := slices.DeleteFunc(slices.Clone(job.Proven), func(a string) bool { return a == h.Address })
		return h.Ticket, append([]string{h.Address}, others...)
	}
	return boundTo(job.Case), job.Proven
}

// withoutWords is the same ticket without what the customer wrote, for a desk that shows that apart.
func withoutWords(data templates.Mail) templates.Mail {
	switch t := data.(type) {
	case templates.MailTicket:
		t.Message = ""
		return t
	case templates.MailDisowned:
		t.Message = ""
		return t
	}
	return data
}

// withoutNumbers is the same ticket as a mail: support answers it to the customer, and a reply quotes it. What the linked
// identity and the billing accounts are numbered is for desks that keep a note to themselves, and for the console (R2).
func withoutNumbers(data templates.Mail) templates.Mail {
	switch t := data.(type) {
	case templates.MailTicket:
		t.Findings = unnumbered(t.Findings)
		return t
	case templates.MailDisowned:
		t.Findings = unnumbered(t.Findings)
		return t
	}
	return data
}

func unnumbered(findings []templates.TicketFinding) []templates.TicketFinding {
	findings = slices.Clone(findings)
	for i := range findings {
		findings[i].Identity, findings[i].BillingAccounts = "", nil
	}
	return findings
}

// outcome tells support how a case ended.
func (l *Letters) outcome(job recovery.Job) (letter, error) {
	if ticket, _ := noted(job); ticket == "" {
		return letter{}, errRow
	}
	outcome := templates.MailOutcome{
		MailBase: base(job), Outcome: string(job.Delivery.Kind.Ending()), ConsoleURL: l.consoleURL(job.Case),
	}
	if job.Delivery.Kind != recovery.KindNoteDisowned { // what was found is not the owner's then
		outcome.Situations = recovery.SituationsOf(job.Found)
		if recovery.Known(job.Case.Expected) {
			outcome.Expected = job.Case.Expected
		}
	}
	return letter{to: l.Support, lang: supportLanguage, data: outcome}, nil
}

// guidance is what support is told of each situation found, in the order found. Of a case that its owner
// disowned nobody is to be let in.
func (l *Letters) guidance(kind recovery.HandOffKind, e recovery.Evidence) []recovery.Guidance {
	var all []recovery.Guidance
	if kind == recovery.HandOffDisown {
		return nil
	}
	for _, f := range e.FirstOfEach() {
		id := string(f.Situation)
		title, _ := l.Renderer.Text(supportLanguage, "situation."+id+".title")
		steps, _ := l.Renderer.Text(supportLanguage, "situation."+id+".admin")
		all = append(all, recovery.Guidance{
			Situation: id, Title: title, Steps: strings.Split(strings.TrimSpace(steps), "\n"),
			OneOf: l.proofs(templates.IDs(f.Proofs)), AllOf: l.proofs(templates.IDs(f.Needs)),
		})
	}
	return all
}

func (l *Letters) proofs(ids []string) []string {
	var all []string
	for _, id := range ids {
		text, _ := l.Renderer.Text(supportLanguage, "evidence.proof."+id)
		all = append(all, text)
	}
	return all
}

func (l *Letters) consoleURL(c recovery.Case) string {
	if l.ConsoleURL == "" {
		return ""
	}
	return strings.TrimSuffix(l.ConsoleURL, "/") + recovery.ConsoleCasePath + url.PathEscape(c.Reference)
}

func boundTo(c recovery.Case) string {
	if !c.Bound() {
		return ""
	}
	return c.Ticket
}
