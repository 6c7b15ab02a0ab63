package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/recovery"
)

// Outbox gets deliveries out. Its methods are safe for concurrent use.
type Outbox struct {
	cfg       Config
	pause     *pause
	asked     fault.Outage // of pauses that the provider asked for
	recording fault.Outage
	wake      chan struct{}
	composing chan struct{} // as many places as mails may be rendered at once
}

// New returns an outbox that does nothing yet. The error names every field of c that is wrong.
func New(c Config) (*Outbox, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	return &Outbox{
		cfg: c, pause: newPause(c.Now), wake: make(chan struct{}, 1), composing: make(chan struct{}, c.Composing),
	}, nil
}

// Wake has Run look at the queue now. It is called after a transaction that queued something, costs
// nothing and may be called from anywhere.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Paused is how much longer nothing is sent, because the provider refuses everyone, cannot be reached, or asked for
// that; 0 while it is sent.
func (o *Outbox) Paused() time.Duration { return o.pause.left() }

// Run sends what is due until ctx ends. Then it leases no more, lets sends under way finish, gives back
// what it had leased and not begun, and returns.
func (o *Outbox) Run(ctx context.Context) {
	if err := o.cfg.Queue.Release(ctx, o.cfg.Name); err != nil {
		o.cfg.Log.Warn("outbox: leases of the last run have to lapse", slog.Any("error", err))
	}
	tasks := make(chan task, o.cfg.InHand)
	outcomes := make(chan outcome, o.cfg.InHand)
	hand := newHand(o.cfg.InHand)

	var workers, recorder sync.WaitGroup
	recorder.Go(func() { o.record(ctx, outcomes, hand) })
	for range o.cfg.Workers {
		workers.Go(func() {
			for t := range tasks {
				outcomes <- outcome{t.job.Delivery.ID, o.work(ctx, t)}
			}
		})
	}
	o.pump(ctx, tasks, hand)

	close(tasks)
	workers.Wait()
	close(outcomes)
	recorder.Wait()
}

// Flush sends everything that is due now, once and one after another, and returns when it is recorded. What
// fails is due later and is left for then. It is for tests.
func (o *Outbox) Flush(ctx context.Context) error {
	for o.pause.over() && ctx.Err() == nil {
		tasks, err := o.lease(ctx, o.batch())
		if err != nil || len(tasks) == 0 {
			return err
		}
		results := make(map[string]recovery.Result, len(tasks))
		for _, t := range tasks {
			results[t.job.Delivery.ID] = o.work(ctx, t)
		}
		if err := o.cfg.Queue.Finish(ctx, o.cfg.Name, o.cfg.Now(), results); err != nil {
			return fmt.Errorf("outbox: record: %w", err)
		}
	}
	return ctx.Err()
}

func (o *Outbox) batch() int {
	if o.pause.probing() {
		return probeBatch
	}
	return o.cfg.InHand
}

func (o *Outbox) lease(ctx context.Context, n int) ([]task, error) {
	now := o.cfg.Now()
	until := now.Add(o.cfg.Lease)
	jobs, err := o.cfg.Queue.Lease(ctx, o.cfg.Channel, o.cfg.Name, now, until, n)
	if err != nil {
		return nil, fmt.Errorf("outbox: lease: %w", err)
	}
	tasks := make([]task, len(jobs))
	for i, job := range jobs {
		tasks[i] = task{job: job, until: until}
	}
	return tasks, nil
}

// wait sleeps until something was queued, a lease may have lapsed, or ctx ends. It reports whether Wake was
// called.
func (o *Outbox) wait(ctx context.Context, freed <-chan struct{}) bool {
	select {
	case <-ctx.Done():
	case <-o.wake:
		return true
	case <-freed:
	case <-time.After(o.cfg.Poll):
	}
	return false
}
