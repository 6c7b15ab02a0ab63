package storetest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// now is when every test takes place. It has milliseconds, to see that they are kept.
var now = time.Date(2026, 3, 14, 9, 26, 53, 589e6, time.UTC)

// hash and address are whom most rows belong to.
const (
	address = "ada@example.com"
	hash    = "hash-of-ada"
	actor   = "grace@desk.example" // a support agent
)

// kit is a store and what the tests say again and again.
type kit struct {
	*testing.T
	recovery.Store
	ctx context.Context
}

func newKit(t *testing.T, s recovery.Store) *kit { return &kit{T: t, Store: s, ctx: t.Context()} }

// write runs fn in a transaction that must succeed.
func (k *kit) write(fn func(tx recovery.Tx) error) {
	k.Helper()
	k.ok(k.Update(k.ctx, fn))
}

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) equal(what string, got, want any) {
	k.Helper()
	if !reflect.DeepEqual(got, want) {
		k.Errorf("%s\n got %+v\nwant %+v", what, got, want)
	}
}

func (k *kit) notFound(what string, err error) {
	k.Helper()
	if !errors.Is(err, recovery.ErrNotFound) {
		k.Errorf("%s: got %v, want ErrNotFound", what, err)
	}
}

// yes runs a conditional write in a transaction of its own and returns its answer.
func (k *kit) yes(fn func(tx recovery.Tx) (bool, error)) (done bool) {
	k.Helper()
	k.write(func(tx recovery.Tx) (err error) {
		done, err = fn(tx)
		return err
	})
	return done
}

// parallel runs fn n times at once and waits.
func parallel(n int, fn func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	all.Wait()
}

// all stores rows in one transaction.
func all[Row any](k *kit, put func(recovery.Tx, context.Context, Row) error, rows []Row) {
	k.Helper()
	k.write(func(tx recovery.Tx) error {
		for _, row := range rows {
			if err := put(tx, k.ctx, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// got is the value of a look-up that must succeed.
func got[V any](k *kit) func(v V, err error) V {
	return func(v V, err error) V {
		k.Helper()
		k.ok(err)
		return v
	}
}
