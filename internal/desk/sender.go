package desk

import (
	"context"
	"errors"

	"latchkey/internal/recovery"
)

// Sender lets an outbox send to a desk.
type Sender struct {
	Desk recovery.Desk
	// Filed is told the desk's own number of each hand-off before the outbox records that it went.
	Filed func(ctx context.Context, t recovery.Ticket, number string) error
}

var _ recovery.Sender = Sender{}

// Send implements recovery.Sender: the provider's id is the desk's own number.
func (s Sender) Send(ctx context.Context, m recovery.Message) (string, error) {
	switch {
	case m.Ticket != nil:
		return s.file(ctx, m)
	case m.Note != nil:
		return m.Note.Ticket, s.Desk.Note(ctx, m)
	}
	return "", permanent(recovery.ReasonRefused, errors.New("desk: neither a hand-off nor a note"))
}

// file keeps the number at once: should that fail, the next attempt finds the ticket and its number again.
func (s Sender) file(ctx context.Context, m recovery.Message) (string, error) {
	number, err := s.Desk.File(ctx, m)
	if err != nil {
		return "", err
	}
	if err := s.Filed(ctx, *m.Ticket, number); err != nil {
		return "", temporary(errors.New("desk: the ticket was made, and its number could not be kept"))
	}
	return number, nil
}

func temporary(err error) error { return &recovery.SendError{Err: err} }

func permanent(reason recovery.Reason, err error) error {
	return &recovery.SendError{Permanent: true, Reason: reason, Err: err}
}
