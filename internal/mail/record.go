package mail

import (
	"context"
	"time"

	"latchkey/internal/recovery"
)

// Recorder is the part of recovery.Tx that reports need.
type Recorder interface {
	Claim(ctx context.Context, name string, now, until time.Time) (bool, error)
	SetState(ctx context.Context, deliveryID string, state recovery.State, reason recovery.Reason, now time.Time) (moved recovery.Kind, err error)
}

// Record claims the report's token and moves its delivery on, in one transaction: what could not be recorded
// is not taken for a replay when it comes again. It returns the kind of mail that moved, "" where none did;
// ErrWebhookReplayed if the token was used before.
//
// Any news of a mail shows that Mailgun has it, even if the worker that sent it has not said so yet or died
// before it could: it counts for a queued delivery too, so that the mail is not sent again.
func (e Event) Record(ctx context.Context, tx Recorder, now time.Time) (moved recovery.Kind, err error) {
	fresh, err := tx.Claim(ctx, e.claim, now, e.until)
	if err != nil {
		return "", err
	}
	if !fresh {
		return "", ErrWebhookReplayed
	}
	if e.State == "" || e.DeliveryID == "" {
		return "", nil
	}
	return tx.SetState(ctx, e.DeliveryID, e.State, e.Reason, now)
}
