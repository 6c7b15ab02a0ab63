package outbox

import (
	"context"
	"log/slog"
	"time"

	"latchkey/internal/recovery"
)

const (
	recordTries   = 5
	recordTimeout = 5 * time.Second
)

type outcome struct {
	deliveryID string
	result     recovery.Result
}

// record writes endings, all that have come together: the busier the workers, the larger its batches.
// It ends when outcomes is closed, so that what was sent is recorded even when the process leaves.
func (o *Outbox) record(ctx context.Context, outcomes <-chan outcome, h *hand) {
	leaving := ctx
	ctx = context.WithoutCancel(ctx)
	for first := range outcomes {
		o.gather(leaving)
		batch := map[string]recovery.Result{first.deliveryID: first.result}
		for n := len(outcomes); n > 0; n-- {
			next := <-outcomes
			batch[next.deliveryID] = next.result
		}
		o.finish(ctx, batch)
		h.free(len(batch))
	}
}

// finish tries a few times. Should the database stay away, the leases lapse and the mails go again,
// with the same codes and the same Message-IDs.
func (o *Outbox) finish(ctx context.Context, batch map[string]recovery.Result) {
	for try := 1; try <= recordTries; try++ {
		writing, cancel := context.WithTimeout(ctx, recordTimeout)
		err := o.cfg.Queue.Finish(writing, o.cfg.Name, o.cfg.Now(), batch)
		cancel()
		if err == nil {
			o.recording.Over(o.cfg.Now())
			return
		}
		if _, tell := o.recording.Met(o.cfg.Now()); tell {
			o.cfg.Log.Error("outbox: cannot record", slog.Int("deliveries", len(batch)), slog.Any("error", err))
		}
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
	}
}

func (o *Outbox) tellSent(job recovery.Job) {
	took := o.cfg.Now().Sub(job.Delivery.CreatedAt)
	o.cfg.Metrics.MailSent(job.Delivery.Kind, took)
	o.cfg.Log.LogAttrs(context.Background(), slog.LevelInfo, what(job)+" accepted",
		append(names(job), slog.Duration("since_request", took))...)
}

func (o *Outbox) tellFailed(job recovery.Job, class Class, more ...slog.Attr) {
	o.cfg.Metrics.MailFailed(job.Delivery.Kind, class)
	attrs := append(names(job), slog.String("class", string(class)), slog.Int("attempts", job.Delivery.Attempts))
	o.cfg.Log.LogAttrs(context.Background(), slog.LevelWarn, what(job)+" not sent", append(attrs, more...)...)
}

func what(job recovery.Job) string {
	switch {
	case job.Delivery.Kind.HandsOff():
		return "hand-off"
	case job.Delivery.Kind.Ending() != "":
		return "note"
	}
	return "mail"
}

// names are what a log line may say of a delivery (R11).
func names(job recovery.Job) []slog.Attr {
	return []slog.Attr{
		slog.String("kind", string(job.Delivery.Kind)),
		slog.String("delivery", job.Delivery.ID),
		slog.String("case", job.Case.Reference),
		slog.String("address", addressHash(job)),
	}
}

// addressHash is the keyed hash of whom the mail goes to, or of whom it is about where it goes to support.
// A job to look for other addresses names that of who asked.
func addressHash(job recovery.Job) string {
	switch {
	case job.Notice != nil:
		return job.Notice.AddressHash
	case job.Challenge != nil:
		return job.Challenge.AddressHash
	case job.Aside != nil:
		return job.Aside.AddressHash
	case job.HandOff != nil:
		return job.HandOff.AddressHash
	}
	return ""
}
