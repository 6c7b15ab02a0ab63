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
	event, err := r.verify(body)
	if err != nil {
		return refused(err)
	}
	var moved recovery.Kind
	err = r.store.Update(ctx, func(tx recovery.Tx) (err error) {
		moved, err = event.Record(ctx, tx, r.now())
		return err
	})
	switch {
	case errors.Is(err, mail.ErrWebhookReplayed):
		return refused(err)
	case err == nil && moved != "":
		r.tell(ctx, moved, event)
	}
	return err
}

// verify tries one key after the other: there are two while one is being replaced.
func (r mailgunReports) verify(body []byte) (event mail.Event, err error) {
	for _, key := range r.keys {
		event, err = mail.VerifyWebhook(key, body, r.now())
		if !errors.Is(err, mail.ErrWebhookSignature) {
			break
		}
	}
	return event, err
}

// refused marks an error that no further attempt will change.
func refused(err error) error { return fmt.Errorf("%w: %w", handlers.ErrReportRefused, err) }

// tell counts and logs a mail that moved. That Mailgun took it, the outbox has counted.
func (r mailgunReports) tell(ctx context.Context, moved recovery.Kind, e mail.Event) {
	if e.State != recovery.StateAccepted {
		r.metrics.MailMoved(moved, e.State)
	}
	r.log.LogAttrs(ctx, slog.LevelInfo, "mail "+string(e.State), slog.String("kind", string(moved)),
		slog.String("delivery", e.DeliveryID), slog.String("reason", string(e.Reason)))
}
