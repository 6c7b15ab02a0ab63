package ops

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// queueTime bounds what a scrape waits for the database.
const queueTime = 2 * time.Second

// QueueStats tells how many deliveries wait, and when the oldest was made (zero for none).
type QueueStats func(ctx context.Context) (depth int, oldest time.Time, err error)

// WatchQueue reports the outbox's queue as it is at the moment of each scrape. While the database does not
// answer there is no figure, rather than an old one.
func (m *Metrics) WatchQueue(stats QueueStats, now func() time.Time) {
	m.registry.MustRegister(queue{stats: stats, now: now})
}

type queue struct {
	stats QueueStats
	now   func() time.Time
}

var (
	queueDepth  = prometheus.NewDesc("latchkey_outbox_depth", "Deliveries that wait.", nil, nil)
	queueOldest = prometheus.NewDesc("latchkey_outbox_oldest_seconds", "How long the oldest delivery has waited.", nil, nil)
)

// Describe names the two figures.
func (q queue) Describe(to chan<- *prometheus.Desc) {
	to <- queueDepth
	to <- queueOldest
}

// Collect asks the database.
func (q queue) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), queueTime)
	defer cancel()
	depth, oldest, err := q.stats(ctx)
	if err != nil {
		return
	}
	age := time.Duration(0)
	if !oldest.IsZero() {
		age = max(0, q.now().Sub(oldest))
	}
	to <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(depth))
	to <- prometheus.MustNewConstMetric(queueOldest, prometheus.GaugeValue, age.Seconds())
}
