package ops

import (
	"context"
	"io"
	"time"

	vm "github.com/VictoriaMetrics/metrics"

	"latchkey/internal/recovery"
)

// queueTime bounds what a scrape waits for the database.
const queueTime = 2 * time.Second

// QueueStats tells how many deliveries wait, and when the oldest was made (zero for none).
type QueueStats func(ctx context.Context) (depth int, oldest time.Time, err error)

// WatchQueue reports the outbox's queue as it is at the moment of each scrape. While the database does not
// answer there is no figure, rather than an old one.
func (m *Metrics) WatchQueue(stats QueueStats, now func() time.Time) {
	m.set.RegisterMetricsWriter(func(w io.Writer) {
		ctx, cancel := context.WithTimeout(context.Background(), queueTime)
		defer cancel()
		depth, oldest, err := stats(ctx)
		if err != nil {
			return
		}
		vm.WriteGaugeFloat64(w, namespace+"outbox_depth", float64(depth))
		vm.WriteGaugeFloat64(w, namespace+"outbox_oldest_seconds", ageOf(oldest, now()).Seconds())
	})
}

// WatchPause reports how much longer no mail is sent, as it is at the moment of each scrape.
func (m *Metrics) WatchPause(left func() time.Duration) {
	m.set.NewGauge(namespace+"outbox_paused_seconds", func() float64 { return left().Seconds() })
}

// WatchRoom reports whether the database's disk is full, as it is at the moment of each scrape.
func (m *Metrics) WatchRoom(full func() bool) {
	m.set.NewGauge(namespace+"database_full", func() float64 {
		if full() {
			return 1
		}
		return 0
	})
}

// WatchHandOffs reports the hand-offs without a ticket, as they are at the moment of each scrape.
func (m *Metrics) WatchHandOffs(stats func(context.Context) (recovery.HandOffStats, error), now func() time.Time) {
	m.set.RegisterMetricsWriter(func(w io.Writer) {
		ctx, cancel := context.WithTimeout(context.Background(), queueTime)
		defer cancel()
		s, err := stats(ctx)
		if err != nil {
			return
		}
		vm.WriteGaugeFloat64(w, namespace+"handoffs_waiting", float64(s.Waiting))
		vm.WriteGaugeFloat64(w, namespace+"handoffs_overdue", float64(s.Late))
		vm.WriteGaugeFloat64(w, namespace+"handoffs_oldest_seconds", ageOf(s.Oldest, now()).Seconds())
	})
}

// ageOf is how long ago something happened; 0 for what did not.
func ageOf(at, now time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(0, now.Sub(at))
}
