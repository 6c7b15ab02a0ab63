package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// Bench measures Update with what the start page stores, by one caller and by sixteen at once, and the
// queue with what an outbox does.
func Bench(b *testing.B, open func(b *testing.B) recovery.Store) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("Start/callers=%d", callers), func(b *testing.B) { benchStart(b, open(b), callers) })
	}
	b.Run("Lease and Finish/batch=64", func(b *testing.B) { benchQueue(b, open(b), 64) })
}

func benchStart(b *testing.B, s recovery.Store, callers int) {
	var next atomic.Int64
	b.ResetTimer()
	parallel(callers, func(int) {
		for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
			if err := s.Update(b.Context(), start(b.Context(), benchID(i))); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "starts/s")
}

// benchID has the length and the disorder of a real id.
func benchID(i int64) string { return fmt.Sprintf("%016x%016x", uint64(i)*0x9e3779b97f4a7c15, i) }

// start is the transaction of a start: session, case, two challenges, delivery, audit and four counters.
func start(ctx context.Context, id string) func(tx recovery.Tx) error {
	stop := aChallenge("s"+id, id)
	stop.Purpose = recovery.PurposeStop
	return func(tx recovery.Tx) error {
		steps := []func() error{
			func() error { return tx.InsertCase(ctx, aCase(id)) },
			func() error { return tx.PutSession(ctx, aSession(id, id)) },
			func() error { return tx.InsertChallenge(ctx, aChallenge(id, id)) },
			func() error { return tx.InsertChallenge(ctx, stop) },
			func() error { return tx.InsertDelivery(ctx, aDelivery(id, id)) },
			func() error { return tx.PutAudit(ctx, anEntry("LK-"+id, "started", now)) },
		}
		for _, key := range []string{"mail", "mail:" + id, "mail:network", "mail:network:" + id} {
			steps = append(steps, func() error { return tx.Count(ctx, key, now, 1, now.Add(time.Hour)) })
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	}
}

func benchQueue(b *testing.B, s recovery.Store, batch int) {
	ctx := b.Context()
	for i := range b.N {
		if err := s.Update(ctx, start(ctx, benchID(int64(i)))); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for done := 0; done < b.N; {
		jobs, err := s.Lease(ctx, recovery.ChannelMail, "w", now, now.Add(time.Minute), batch)
		if err != nil || len(jobs) == 0 {
			b.Fatalf("leased %d: %v", len(jobs), err)
		}
		results := make(map[string]recovery.Result, len(jobs))
		for _, job := range jobs {
			results[job.Delivery.ID] = recovery.Result{State: recovery.StateAccepted, ProviderID: "p"}
		}
		if err := s.Finish(ctx, "w", now, results); err != nil {
			b.Fatal(err)
		}
		done += len(jobs)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}
