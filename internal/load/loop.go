package load

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds end a loop: whichever comes first.
type Bounds struct {
	Connections int
	Requests    int
	Time        time.Duration
}

// Result is what a loop measured.
type Result struct {
	Done     int
	Took     time.Duration
	P50, P99 time.Duration
}

// PerSecond is how many requests were answered a second.
func (r Result) PerSecond() float64 {
	if r.Took <= 0 {
		return 0
	}
	return float64(r.Done) / r.Took.Seconds()
}

// Loop has each connection do one request after another; do is told the number of the request, each of
// which comes up once. The first error ends the loop.
func Loop(ctx context.Context, at string, b Bounds, do func(c *Conn, n int) error) (Result, error) {
	ctx, stop := context.WithTimeout(ctx, b.Time)
	defer stop()
	conns := make([]*Conn, b.Connections)
	for i := range conns {
		c, err := Dial(ctx, at)
		if err != nil {
			return Result{}, err
		}
		defer func() { _ = c.Close() }()
		conns[i] = c
	}
	var next atomic.Int64
	took := make([][]time.Duration, len(conns))
	errs := make([]error, len(conns))
	var all sync.WaitGroup
	began := time.Now()
	for i, c := range conns {
		all.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= b.Requests {
					return
				}
				from := time.Now()
				if errs[i] = do(c, n); errs[i] != nil {
					stop()
					return
				}
				took[i] = append(took[i], time.Since(from))
			}
		})
	}
	all.Wait()
	r := summary(slices.Concat(took...))
	r.Took = time.Since(began)
	return r, errors.Join(errs...)
}

func summary(took []time.Duration) Result {
	if len(took) == 0 {
		return Result{}
	}
	slices.Sort(took)
	at := func(share float64) time.Duration { return took[min(len(took)-1, int(share*float64(len(took))))] }
	return Result{Done: len(took), P50: at(.5), P99: at(.99)}
}
