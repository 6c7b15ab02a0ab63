package main

import (
	"context"
	"sync"
	"time"
)

// job is work that is due now and then, once, however many replicas there are.
type job struct {
	name  string
	every time.Duration
	run   func(ctx context.Context) error
}

// jobs are all there are.
func (a *app) jobs() []job {
	return []job{
		{"sweep", 5 * time.Minute, a.sweep},
		{"outcomes", 5 * time.Minute, a.checkOutcomes},
		{"late hand-offs", 5 * time.Minute, a.late.Look},
	}
}

// looks is how often in the time of a turn a replica looks whether it is due: when the one that did it last
// is gone, another does it that much later at most.
const looks = 5

// work has the turns that fall to this replica, until ctx ends.
func (a *app) work(ctx context.Context, jobs []job) {
	var all sync.WaitGroup
	for _, j := range jobs {
		all.Go(func() { a.repeat(ctx, j) })
	}
	all.Wait()
}

func (a *app) repeat(ctx context.Context, j job) {
	tick := time.NewTicker(j.every / looks)
	defer tick.Stop()
	for {
		if _, err := a.service.Turn(ctx, j.name, j.every, j.run); err != nil && ctx.Err() == nil {
			a.note(j.name, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep removes what is past its retention.
func (a *app) sweep(ctx context.Context) error {
	n, err := a.service.Sweep(ctx)
	if n > 0 {
		a.log.Info("swept", "rows", n)
	}
	return err
}

// checkOutcomes looks up whether tickets came after all for cases that were proven 48 hours ago.
func (a *app) checkOutcomes(ctx context.Context) error {
	n, err := a.service.CheckOutcomes(ctx)
	if n > 0 {
		a.log.Info("outcomes looked up", "cases", n)
	}
	return err
}
