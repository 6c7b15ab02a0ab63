package outbox

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"latchkey/internal/fault"
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
	away := fault.Outage{Every: outageTold}
	for ctx.Err() == nil {
		n := o.appetite(h)
		o.tellPause()
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

// outageTold is how often the log tells that the queue still cannot be asked.
const outageTold = 10 * time.Second

// tellQueue tells the log that the queue cannot be asked, now and then, and once that it can be again.
func (o *Outbox) tellQueue(away *fault.Outage, err error) {
	if err != nil {
		if _, tell := away.Met(o.cfg.Now()); tell {
			o.cfg.Log.Error("outbox: cannot lease", slog.Any("error", err))
		}
		return
	}
	if after, was := away.Over(o.cfg.Now()); was {
		o.cfg.Log.Info("outbox: leases again", slog.Duration("after", after))
	}
}

// tellPause tells the log, once a minute, that nothing is sent because the provider asked for that, and how long.
// Pauses of our own, lastPause at most, are not worth a line: each probe that fails is one already.
func (o *Outbox) tellPause() {
	left := o.Paused()
	if left <= lastPause {
		return
	}
	if _, tell := o.asked.Met(o.cfg.Now()); tell {
		o.cfg.Log.Error("outbox: the provider asked for a pause", slog.String("channel", string(o.cfg.Channel)),
			slog.Duration("left", left.Round(time.Second)))
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
	longest := time.After(o.cfg.Yield)
	for o.cfg.Busy() {
		select {
		case <-ctx.Done():
			return
		case <-longest:
			return
		case <-look.C:
		}
	}
}

// gather lets a batch come together.
func (o *Outbox) gather(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(o.cfg.Gather):
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
