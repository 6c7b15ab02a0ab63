package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"latchkey/handlers"
	"latchkey/internal/mail"
	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

// reportTime is how long a report's token is held while it is being recorded: if the process dies in
// between, the mail service's next attempt is not taken for a replay.
const reportTime = 15 * time.Second

// mailgunReports takes what Mailgun reports of mails. Which tokens were used is kept in the database: a
// replay is refused after a restart and by every replica.
type mailgunReports struct {
	keys    []string
	store   recovery.Store
	now     func() time.Time
	log     *slog.Logger
	metrics *ops.Metrics
}

// newReports is nil where no key is configured: an unsigned report is nobody's.
func (a *app) newReports() handlers.Reports {
	if len(a.webhookKeys) == 0 {
		return nil
	}
	return mailgunReports{a.webhookKeys, a.store, time.Now, a.log, a.metrics}
}

// Report implements handlers.Reports.
func (r mailgunReports) Report(ctx context.Context, body []byte) error {
	var until time.Time
	event, err := r.verify(body, func(name string, end time.Time) (bool, error) {
		until = end
		return r.claim(ctx, name, r.now().Add(reportTime))
	})
	if err != nil {
		return err
	}
	moved, err := event.Record(ctx, r.store, r.now())
	if err != nil {
		return errors.Join(err, r.release(ctx, event.Claim))
	}
	if moved != "" {
		r.tell(ctx, moved, event)
	}
	return r.keep(ctx, event.Claim, until)
}

// verify tries one key after the other: there are two while one is being replaced.
func (r mailgunReports) verify(body []byte, claim mail.Claim) (event mail.Event, err error) {
	for _, key := range r.keys {
		event, err = mail.VerifyWebhook(key, body, r.now(), claim)
		if !errors.Is(err, mail.ErrWebhookSignature) {
			break
		}
	}
	for _, refusal := range []error{
		mail.ErrWebhookForm, mail.ErrWebhookSignature, mail.ErrWebhookStale, mail.ErrWebhookReplayed,
	} {
		if errors.Is(err, refusal) {
			return event, fmt.Errorf("%w: %w", handlers.ErrReportRefused, err)
		}
	}
	return event, err
}

func (r mailgunReports) claim(ctx context.Context, name string, until time.Time) (fresh bool, err error) {
	err = r.store.Update(ctx, func(tx recovery.Tx) (err error) {
		fresh, err = tx.Claim(ctx, name, r.now(), until)
		return err
	})
	return fresh, err
}

func (r mailgunReports) release(ctx context.Context, name string) error {
	return r.store.Update(ctx, func(tx recovery.Tx) error { return tx.Release(ctx, name) })
}

// keep holds the token of a report that was recorded for as long as the report could come again.
func (r mailgunReports) keep(ctx context.Context, name string, until time.Time) error {
	return r.store.Update(ctx, func(tx recovery.Tx) error {
		if err := tx.Release(ctx, name); err != nil {
			return err
		}
		_, err := tx.Claim(ctx, name, r.now(), until)
		return err
	})
}

// tell counts and logs a mail that moved. That Mailgun took it, the outbox has counted.
func (r mailgunReports) tell(ctx context.Context, moved recovery.Kind, e mail.Event) {
	if e.State != recovery.StateAccepted {
		r.metrics.MailMoved(moved, e.State)
	}
	r.log.LogAttrs(ctx, slog.LevelInfo, "mail "+string(e.State), slog.String("kind", string(moved)),
		slog.String("delivery", e.DeliveryID), slog.String("reason", string(e.Reason)))
}
