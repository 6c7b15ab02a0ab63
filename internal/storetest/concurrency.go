package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
)

var concurrencyTests = map[string]func(*kit){
	"Concurrency/50 tries count 5":             concurrentTries,
	"Concurrency/20 uses, one true":            concurrentUses,
	"Concurrency/20 claims, one true":          concurrentClaims,
	"Concurrency/20 names, one true":           concurrentNames,
	"Concurrency/20 hand-offs, one true":       concurrentHandOffs,
	"Concurrency/a budget cannot be overdrawn": concurrentBudget,
	counterHeld: concurrentHolds,
	"Concurrency/what is counted aside is kept":       concurrentAsides,
	"Concurrency/8 workers lease nothing twice":       concurrentLeases,
	"Concurrency/failures take nobody else with them": concurrentFailures,
	"Concurrency/readers see whole transactions":      concurrentReaders,
}

// winners runs a conditional write n times at once, each in its own transaction.
func (k *kit) winners(n int, fn func(tx recovery.Tx, i int) (bool, error)) int {
	k.Helper()
	var won atomic.Int64
	parallel(n, func(i int) {
		var done bool
		err := k.Update(k.ctx, func(tx recovery.Tx) (err error) {
			done, err = fn(tx, i)
			return err
		})
		if err != nil {
			k.Error(err)
		}
		if done {
			won.Add(1)
		}
	})
	return int(won.Load())
}

func concurrentTries(k *kit) {
	k.cases("1")
	k.challenges(aChallenge("c", "1"))
	n := k.winners(50, func(tx recovery.Tx, _ int) (bool, error) {
		counted, err := tx.CountTry(k.ctx, "1", 5, now)
		return len(counted) > 0, err
	})
	k.equal("tries that may compare", n, 5)
	k.equal("tries kept", k.challenge("c").Tries, 5)
}

func concurrentUses(k *kit) {
	k.cases("1")
	k.challenges(aChallenge("c", "1"))
	n := k.winners(20, func(tx recovery.Tx, _ int) (bool, error) { return tx.UseChallenge(k.ctx, "c", now) })
	k.equal("uses", n, 1)
}

func concurrentClaims(k *kit) {
	k.cases("1")
	k.challenges(aChallenge("c", "1"))
	n := k.winners(20, func(tx recovery.Tx, _ int) (bool, error) {
		return tx.ClaimChallenge(k.ctx, "c", now, now.Add(time.Second))
	})
	k.equal("claims", n, 1)
}

func concurrentNames(k *kit) {
	n := k.winners(20, func(tx recovery.Tx, _ int) (bool, error) {
		return tx.Claim(k.ctx, "name", now, now.Add(time.Second))
	})
	k.equal("claims", n, 1)
}

func concurrentHandOffs(k *kit) {
	k.cases("1")
	n := k.winners(20, func(tx recovery.Tx, i int) (bool, error) {
		h := aHandOff("1", recovery.HandOffSupport)
		h.Message = fmt.Sprint(i)
		return tx.InsertHandOff(k.ctx, h)
	})
	k.equal("hand-offs", n, 1)
}

// Whoever counts first and sums afterwards cannot be passed.
func concurrentBudget(k *kit) {
	n := k.winners(40, func(tx recovery.Tx, _ int) (bool, error) {
		if err := tx.Count(k.ctx, "key", now, 1, now.Add(time.Hour)); err != nil {
			return false, err
		}
		sum, err := tx.Counted(k.ctx, "key", now.Add(-time.Hour))
		if err != nil || sum <= 12 {
			return err == nil, err
		}
		return false, tx.Count(k.ctx, "key", now, -1, now.Add(time.Hour))
	})
	k.equal("taken", n, 12)
	k.equal("counted", k.counted("key", now.Add(-time.Hour)), 12)
}

// counterHeld is the test of what a function has to itself, and a group not.
const counterHeld = "Concurrency/a held counter is nobody else's"

// Whoever holds a counter, sums and then counts cannot be passed either, nor by who counts without.
func concurrentHolds(k *kit) {
	n := k.winners(40, func(tx recovery.Tx, i int) (bool, error) {
		if i%8 == 0 {
			return false, tx.Count(k.ctx, "key", now, 1, now.Add(time.Hour))
		}
		if err := tx.HoldCounter(k.ctx, "key"); err != nil {
			return false, err
		}
		sum, err := tx.Counted(k.ctx, "key", now.Add(-time.Hour))
		if err != nil || sum >= 12 {
			return false, err
		}
		return true, tx.Count(k.ctx, "key", now, 1, now.Add(time.Hour))
	})
	sum := k.counted("key", now.Add(-time.Hour))
	k.equal("counted", sum, n+5)
	k.equal("passed", sum > 12+5, false)
	k.equal("held too long", n < 12-5, false)
}

func concurrentAsides(k *kit) {
	later := now.Add(time.Minute)
	n := k.winners(40, func(tx recovery.Tx, i int) (bool, error) {
		bucket := now
		if i%4 == 0 {
			bucket = later
		}
		return true, tx.CountAside(k.ctx, "key", bucket, 2, later)
	})
	k.equal("counted", k.counted("key", now.Add(-time.Millisecond)), 2*n)
	k.equal("in the second bucket", k.counted("key", later.Add(-time.Millisecond)), 2*n/4)
	k.equal("after both", k.counted("key", later.Add(time.Second)), 0)
}

func concurrentLeases(k *kit) {
	const deliveries, workers = 200, 8
	k.cases("1")
	ds := make([]recovery.Delivery, deliveries)
	for i := range ds {
		ds[i] = aDelivery(fmt.Sprint(i), "1")
	}
	k.deliveries(ds...)
	var mu sync.Mutex
	held := map[string]int{}
	parallel(workers, func(i int) {
		for {
			jobs, err := k.Lease(k.ctx, recovery.ChannelMail, fmt.Sprint("w", i), now, now.Add(time.Minute), 7)
			if err != nil {
				k.Error(err)
			}
			if len(jobs) == 0 {
				return
			}
			mu.Lock()
			for _, job := range jobs {
				held[job.Delivery.ID]++
			}
			mu.Unlock()
		}
	})
	k.equal("leased", len(held), deliveries)
	for id, times := range held {
		if times != 1 {
			k.Errorf("delivery %s leased %d times", id, times)
		}
	}
}

// Some return an error, some panic, some break a rule of the tables; all others are kept, and nothing
// of those.
func concurrentFailures(k *kit) {
	k.cases("0")
	parallel(60, func(i int) {
		id := fmt.Sprint(100 + i)
		defer func() { _ = recover() }()
		err := k.Update(k.ctx, func(tx recovery.Tx) error {
			if err := tx.InsertCase(k.ctx, aCase(id)); err != nil {
				return err
			}
			switch i % 4 {
			case 1:
				return errRefused
			case 2:
				panic("lost")
			case 3:
				twin := aCase("0")
				twin.Reference = "LK-twin-" + id
				return tx.InsertCase(k.ctx, twin)
			}
			return nil
		})
		if (err == nil) != (i%4 == 0) {
			k.Errorf("function %d: got error %v", i, err)
		}
	})
	for i := range 60 {
		_, err := k.Case(k.ctx, fmt.Sprint(100+i))
		if kept := !errors.Is(err, recovery.ErrNotFound); kept != (i%4 == 0) {
			k.Errorf("case of function %d: kept %v (%v)", i, kept, err)
		}
	}
}

func concurrentReaders(k *kit) {
	const writers, readers, rounds = 4, 4, 25
	parallel(writers+readers, func(i int) {
		for round := range rounds {
			id := fmt.Sprint(i%writers, "-", round)
			if i >= writers {
				k.halfWritten(id)
				continue
			}
			if err := k.Update(k.ctx, func(tx recovery.Tx) error {
				return errors.Join(tx.InsertCase(k.ctx, aCase(id)), tx.InsertDelivery(k.ctx, aDelivery(id, id)))
			}); err != nil {
				k.Error(err)
			}
		}
	})
}

// halfWritten fails if the case is there and its delivery is not.
func (k *kit) halfWritten(id string) {
	if _, err := k.Case(k.ctx, id); err != nil {
		return
	}
	if ds, err := k.Deliveries(k.ctx, id); err != nil || len(ds) != 1 {
		k.Errorf("case %s without its delivery (%v)", id, err)
	}
}
