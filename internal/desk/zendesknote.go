package desk

import (
	"context"
	"errors"
	"slices"

	"latchkey/internal/recovery"
)

// Note implements recovery.Desk. A ticket that its requester disowned is opened again, for agents to see. A permanent
// error says that the ticket takes no note: it is not there, it is closed, or it is of somebody else.
func (z *Zendesk) Note(ctx context.Context, m recovery.Message) error {
	n := *m.Note
	u := zdUpdate{Comment: commentOf(n.Text, false)}
	if n.Outcome != recovery.EndingDisowned {
		return z.note(ctx, n.Ticket, nil, n.ID, n.Requesters, u)
	}
	known, err := z.show(ctx, n.Ticket)
	if err != nil {
		return err
	}
	if known != nil {
		u.Status = reopened(known.Status)
	}
	return z.note(ctx, n.Ticket, known, n.ID, n.Requesters, u)
}

// noteTries is how often a note is tried where somebody changes the ticket at the same time.
const noteTries = 4

// note adds an update of a delivery to a ticket of one of the proven requesters, once. What is known of the
// ticket may be given; it is read anew where somebody changed it. Since an update is taken only where
// nothing changed since the history was read, two that cross are never both taken.
func (z *Zendesk) note(ctx context.Context, number string, known *zdTicket, deliveryID string, proven []string, u zdUpdate) error {
	for range noteTries {
		if known == nil {
			var err error
			if known, err = z.show(ctx, number); err != nil {
				return err
			}
		}
		done, err := z.mayNote(ctx, known, deliveryID, proven)
		if err != nil || done {
			return err
		}
		if err = z.update(ctx, *known, deliveryID, u); !errors.Is(err, errStale) {
			return err
		}
		known = nil
	}
	return temporary(errStale)
}

// mayNote reports whether the ticket has the note already; an error says that it must not have it.
func (z *Zendesk) mayNote(ctx context.Context, t *zdTicket, deliveryID string, proven []string) (done bool, err error) {
	if t == nil {
		return false, permanent(recovery.ReasonNoTicket, errors.New("zendesk: no such ticket"))
	}
	if done, err = z.marked(ctx, *t, deliveryID); err != nil || done {
		return done, err
	}
	if !slices.ContainsFunc(proven, func(p string) bool { return same(t.requester, p) }) {
		return false, permanent(recovery.ReasonOtherRequester, errors.New("zendesk: the ticket is of another requester"))
	}
	if t.Status == "closed" || t.Status == "deleted" {
		return false, permanent(recovery.ReasonTicketClosed, errors.New("zendesk: the ticket is closed"))
	}
	return false, nil
}
