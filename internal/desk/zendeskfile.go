package desk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"latchkey/internal/recovery"
)

// File implements recovery.Desk. The ticket's description is the customer's message, as if they had mailed
// it; the evidence is a note that support alone sees. "This wasn't me" has no words of the customer's, so
// that its ticket begins with the note.
func (z *Zendesk) File(ctx context.Context, m recovery.Message) (string, error) {
	t := *m.Ticket
	mine, err := z.made(ctx, t.ID)
	if err != nil {
		return "", err
	}
	var followUpOf int64
	if mine == nil && t.Bound != "" && t.Kind == recovery.HandOffSupport {
		number, closed, err := z.fileBound(ctx, t)
		if err != nil || number != "" {
			return number, err
		}
		followUpOf = closed
	}
	if mine != nil {
		return mine.number(), z.complete(ctx, t, mine)
	}
	if err := z.introduce(ctx, t.Requester); err != nil {
		return "", err
	}
	n := z.ticket(t, m.Subject)
	n.FollowUpOf = followUpOf
	made, err := z.create(ctx, n)
	if err != nil {
		return "", err
	}
	return made.number(), z.complete(ctx, t, &made)
}

// complete adds the note to a ticket that was made of the hand-off, unless it has it.
func (z *Zendesk) complete(ctx context.Context, t recovery.Ticket, made *zdTicket) error {
	if t.Message == "" {
		return nil
	}
	return z.note(ctx, made.number(), made, t.ID, []string{t.Requester}, zdUpdate{Comment: commentOf(t.Note, false)})
}

// fileBound makes the hand-off a note to the ticket that the case is bound to. It returns no number where
// that takes none: then closed is the ticket that the new one follows up, 0 for none.
func (z *Zendesk) fileBound(ctx context.Context, t recovery.Ticket) (number string, closed int64, err error) {
	bound, err := z.show(ctx, t.Bound)
	if err != nil || bound == nil {
		return "", 0, err
	}
	err = z.note(ctx, t.Bound, bound, t.ID, []string{t.Requester}, zdUpdate{
		Comment: commentOf(wordsAndNote(t), false), Status: reopened(bound.Status),
	})
	var refused *recovery.SendError
	if errors.As(err, &refused) && refused.Permanent {
		switch refused.Reason {
		case recovery.ReasonTicketClosed:
			return "", bound.ID, nil
		case recovery.ReasonOtherRequester, recovery.ReasonNoTicket:
			return "", 0, nil
		}
	}
	return bound.number(), 0, err
}

// reopened is the status in which agents see that somebody needs them.
func reopened(status string) string {
	switch status {
	case "pending", "hold", "solved":
		return "open"
	}
	return ""
}

// wordsAndNote is a note that has the customer's words as well: what they wrote to support is for nobody who
// may be in copy on the ticket.
func wordsAndNote(t recovery.Ticket) string {
	if t.Message == "" {
		return t.Note
	}
	return "> " + strings.ReplaceAll(strings.TrimSpace(t.Message), "\n", "\n> ") + "\n\n" + t.Note
}

// ticket is the ticket of a hand-off. It is the same on every attempt.
func (z *Zendesk) ticket(t recovery.Ticket, subject string) zdNew {
	comment := commentOf(t.Message, true)
	if t.Message == "" {
		comment = commentOf(t.Note, false)
	}
	found := t.Evidence.SituationsFound()
	n := zdNew{
		Subject: subject, Comment: comment, Requester: zdRequester{Name: t.Requester, Email: t.Requester},
		ExternalID: externalID(t.ID), Priority: z.priority(t.Kind, found), Tags: append([]string{ownTag}, z.cfg.Tags...),
	}
	for _, s := range found {
		n.Tags = append(n.Tags, situationTag(s))
	}
	if t.Kind == recovery.HandOffDisown {
		n.Tags = append(n.Tags, situationTag("disowned"))
	}
	for _, f := range z.cfg.Fields {
		if value := fieldValue(f.What, t, found); value != "" {
			n.Fields = append(n.Fields, zdField{ID: f.ID, Value: value})
		}
	}
	return n
}

// priority is the most urgent of what is configured for the situations found. Where the owner of a mailbox says that
// it wasn't them, somebody may be in who should not be: then it is disownedPriority at least.
func (z *Zendesk) priority(kind recovery.HandOffKind, found []string) string {
	best := ""
	for _, s := range found {
		best = moreUrgent(best, z.cfg.Priorities[s])
	}
	if best == "" {
		best = z.cfg.Priority
	}
	if kind == recovery.HandOffDisown {
		best = moreUrgent(best, disownedPriority)
	}
	return best
}

// disownedPriority is what "this wasn't me" has at least.
const disownedPriority = "high"

// moreUrgent is the more urgent of two priorities, of which either may be "".
func moreUrgent(a, b string) string {
	if b == "" || a != "" && slices.Index(priorities, a) <= slices.Index(priorities, b) {
		return a
	}
	return b
}

func fieldValue(what string, t recovery.Ticket, found []string) string {
	switch what {
	case "reference":
		return t.Reference
	case "situation":
		if len(found) > 0 {
			return found[0]
		}
	case "situations":
		return strings.Join(found, " ")
	case "entry":
		return string(t.Evidence.Entry)
	case "language":
		return t.Language
	case "browser":
		return t.Evidence.Browser
	case "console-url":
		return t.ConsoleURL
	}
	return ""
}
