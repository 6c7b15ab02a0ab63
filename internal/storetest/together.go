package storetest

import (
	"context"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"

	"latchkey/internal/recovery"
)

// allTogether does all by UpdateTogether.
type allTogether struct {
	recovery.Store
	first atomic.Int64
}

// Update names a first counter of its own, so that every function may be in one group with every other.
func (s *allTogether) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	return s.UpdateTogether(ctx, recovery.Shared{Counters: [2]string{fmt.Sprint("first ", s.first.Add(1)), "second"}}, fn)
}

// RunTogether tests that UpdateTogether keeps what a transaction owes: whatever is done by Update is done by it.
// All but two things: a context that ends once the function has begun need not end it, and a counter is held by all of
// a group.
func RunTogether(t *testing.T, open func(t *testing.T) recovery.Store) {
	updates, concurrency := maps.Clone(updateTests), maps.Clone(concurrencyTests)
	delete(updates, contextEnds)
	delete(concurrency, counterHeld)
	for _, group := range []map[string]func(*kit){updates, sessionTests, caseTests, limitTests, concurrency} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) { test(newKit(t, &allTogether{Store: open(t)})) })
		}
	}
}
