package outbox

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// probeBatch is how many deliveries are leased when the provider may be back: the first that has to be
// sent is the probe, and expired ones in front of it must not keep it from being found.
const probeBatch = 16

// hand counts what is leased and not yet recorded.
type hand struct {
	size  int64
	held  atomic.Int64
	freed chan struct{}
}

func newHand(size int) *hand { return &hand{size: int64(size), freed: make(chan struct{}, 1)} }

func (h *hand) take(n int) { h.held.Add(int64(n)) }

func (h *hand) free(n int) {
	h.held.Add(-int64(n))
	select {
	case h.freed <- struct{}{}:
	default:
	}
}

// room is how many more may be leased: none until a quarter is free, so that leases come in batches.
func (h *hand) room() int {
	if room := h.size - h.held.Load(); 4*room >= h.size {
		return int(room)
	}
	return 0
}

// pump leases what is due, as long as there is room for it and the provider is not paused.
func (o *Outbox) pump(ctx context.Context, tasks chan<- task, h *hand) {
	var away outage
	for ctx.Err() == nil {
		n := o.appetite(h)
		if n == 0 {
			o.wait(ctx, h.freed)
			continue
		}
		o.yield(ctx)
		leased, err := o.lease(ctx, n)
		if ctx.Err() == nil {
			o.tellQueue(&away, err)
		}
		h.take(len(leased))
		for _, t := range leased {
			tasks <- t
		}
		if len(leased) < n {
			if o.wait(ctx, nil) {
				o.gather(ctx)
			}
		}
	}
}

// outage is what the log was told of a queue that cannot be asked.
type outage struct{ since, told time.Time }

// outageTold is how often the log tells that the queue still cannot be asked.
const outageTold = 10 * time.Second

// tellQueue tells the log that the queue cannot be asked, now and then, and once that it can be again.
func (o *Outbox) tellQueue(away *outage, err error) {
	now := o.cfg.Now()
	switch {
	case err == nil && away.since.IsZero():
	case err == nil:
		o.cfg.Log.Info("outbox: leases again", slog.Duration("after", now.Sub(away.since)))
		*away = outage{}
	case away.since.IsZero(), now.Sub(away.told) >= outageTold:
		if away.since.IsZero() {
			away.since = now
		}
		away.told = now
		o.cfg.Log.Error("outbox: cannot lease", slog.Any("error", err))
	}
}

// yieldLook is how often it is looked whether the pages are still busy.
const yieldLook = 10 * time.Millisecond

// yield lets customers' pages go first, for a bounded time: a burst of starts is answered as fast as the
// database takes it, and its mails follow.
func (o *Outbox) yield(ctx context.Context) {
	if o.cfg.Busy == nil {
		return
	}
	look := time.NewTicker(yieldLook)
	defer look.Stop()
	longest := time.NewTimer(o.cfg.Yield)
	defer longest.Stop()
	for o.cfg.Busy() {
		select {
		case <-ctx.Done():
			return
		case <-longest.C:
			return
		case <-look.C:
		}
	}
}

// gather lets a batch come together.
func (o *Outbox) gather(ctx context.Context) {
	timer := time.NewTimer(o.cfg.Gather)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (o *Outbox) appetite(h *hand) int {
	switch {
	case !o.pause.over():
		return 0
	case o.pause.probing():
		return min(h.room(), max(0, probeBatch-int(h.held.Load())))
	}
	return h.room()
}
