package mail

import (
	"context"
	"time"

	"latchkey/internal/recovery"
)

// States is the part of recovery.Queue that reports move.
type States interface {
	SetState(ctx context.Context, deliveryID string, state recovery.State, reason recovery.Reason, now time.Time) (moved recovery.Kind, err error)
}

// Record moves the event's delivery on and returns its kind; "" where it moved none. Any news of a mail
// shows that Mailgun has it, even if the worker that sent it has not said so yet or died before it could:
// the Store takes it for a queued delivery too, so that it is not lost and the mail not sent again.
func (e Event) Record(ctx context.Context, s States, now time.Time) (moved recovery.Kind, err error) {
	if e.State == "" || e.DeliveryID == "" {
		return "", nil
	}
	return s.SetState(ctx, e.DeliveryID, e.State, e.Reason, now)
}
