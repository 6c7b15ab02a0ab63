package mail

import (
	"context"
	"time"

	"latchkey/internal/recovery"
)

// States is the part of recovery.Queue that reports move.
type States interface {
	SetState(ctx context.Context, deliveryID string, state recovery.State, reason recovery.Reason, now time.Time) error
}

// Record moves the event's delivery on; nothing for an event without a state. Any news of a mail shows
// that Mailgun has it, even if the worker that sent it has not said so yet or died before it could: it is
// accepted first, so that later news is not lost and the mail not sent again.
func (e Event) Record(ctx context.Context, s States, now time.Time) error {
	if e.State == "" || e.DeliveryID == "" {
		return nil
	}
	if err := s.SetState(ctx, e.DeliveryID, recovery.StateAccepted, recovery.ReasonNone, now); err != nil {
		return err
	}
	if e.State == recovery.StateAccepted {
		return nil
	}
	return s.SetState(ctx, e.DeliveryID, e.State, e.Reason, now)
}
