package desk

import (
	"context"
	"errors"

	"latchkey/internal/recovery"
)

// Email is a desk that is a mailbox, which may well have a desk behind it. It gives no numbers and takes no
// notes: a further mail would be a further ticket.
type Email struct{ Mail recovery.Sender }

var _ recovery.Desk = Email{}

// File implements recovery.Desk. Every attempt has the same Message-ID, by which mailboxes and desks know a
// mail that comes twice.
func (e Email) File(ctx context.Context, m recovery.Message) (string, error) {
	_, err := e.Mail.Send(ctx, m)
	return "", err
}

// Note implements recovery.Desk.
func (Email) Note(context.Context, recovery.Message) error {
	return permanent(recovery.ReasonNoNotes, errors.New("desk: a mailbox takes no notes"))
}
