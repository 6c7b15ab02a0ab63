package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// Bench measures UpdateTogether with what the start page stores, by one caller and by sixteen at once, and the
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
			if err := start(b.Context(), s, benchID(i)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "starts/s")
}

// benchIDs are what is distinct in a start: ids and references, which begin with the time, and hashes, which are in
// no order.
type benchIDs struct{ ordered, random string }

func benchID(i int64) benchIDs {
	random := uint64(i) * 0x9e3779b97f4a7c15
	return benchIDs{fmt.Sprintf("%012x%016x", i, random), fmt.Sprintf("%016x%016x", random, i)}
}

// start writes what a start does, in its order.
func start(ctx context.Context, store recovery.Store, id benchIDs) error {
	c, s, d := aCase(id.ordered), aSession(id.ordered, id.ordered), aDelivery(id.ordered, id.ordered)
	challenge := aChallenge(id.ordered, id.ordered)
	entry := anEntry("LK-"+id.ordered, "started", now)
	c.Reference, s.Held, s.Arrival, s.Draft, s.Prefill = entry.Reference, nil, nil, "", ""
	c.AddressHash, challenge.AddressHash, entry.AddressHash = id.random, id.random, "" // the entry is found by the case
	s.IDHash, entry.Actor, entry.Detail = id.random, "", ""
	d.ChallengeID = challenge.ID
	to, network := "mail:"+id.random, id.random[30:]
	sums := recovery.MailSums{
		AddressHash: id.random, Now: now, All: "mail", Network: "mail:" + network, Mailbox: to,
		Hour: now.Add(-time.Hour), Day: now.Add(-24 * time.Hour),
		Slice: time.Minute, Slot: time.Duration(network[0]) * time.Millisecond,
	}
	slice := now.Truncate(sums.Slice)
	own, bucket := [2]string{to, sums.Network}, slice.Add(sums.Slot)
	return store.UpdateTogether(ctx, recovery.Shared{Session: s.IDHash, Counters: own}, func(tx recovery.Tx) error {
		for _, step := range []func() error{
			func() error { return tx.InsertCase(ctx, c) },
			func() error { return tx.PutSession(ctx, s) },
			func() error { return tx.InsertChallenge(ctx, challenge) },
			func() error { return tx.CountBoth(ctx, own, bucket, 1, now.Add(24*time.Hour)) },
			func() error { return tx.CountAside(ctx, "mail", slice, 1, now.Add(24*time.Hour)) },
			func() error {
				_, err := tx.MailSpent(ctx, sums)
				return err
			},
			func() error { return tx.InsertDelivery(ctx, d) },
			func() error { return tx.PutAudit(ctx, entry) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
}

func benchQueue(b *testing.B, s recovery.Store, batch int) {
	ctx := b.Context()
	for i := range b.N {
		if err := start(ctx, s, benchID(int64(i))); err != nil {
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
