package ops

import (
	"context"
	"io"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
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
		age := time.Duration(0)
		if !oldest.IsZero() {
			age = max(0, now().Sub(oldest))
		}
		vm.WriteGaugeFloat64(w, namespace+"outbox_depth", float64(depth))
		vm.WriteGaugeFloat64(w, namespace+"outbox_oldest_seconds", age.Seconds())
	})
}
