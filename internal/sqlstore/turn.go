package sqlstore

import (
	"context"
	"runtime"
	"sync/atomic"

	"latchkey/internal/fault"
)

// turn is a function that waits for the writer, and how it ended.
type turn struct {
	ctx  context.Context
	fn   func(*txConn) error
	gone atomic.Bool   // it has begun, or its caller waits no longer: whichever came first
	done chan struct{} // closed once it is certain what was kept

	err      error
	panicked *fault.Panic
	left     bool // it left its goroutine
}

func newTurn(ctx context.Context, fn func(*txConn) error) *turn {
	return &turn{ctx: ctx, fn: fn, done: make(chan struct{})}
}

// begin reports whether the turn is to be run: its caller waits for it from then on, whatever its context.
func (t *turn) begin() bool {
	return t.ctx.Err() == nil && t.gone.CompareAndSwap(false, true)
}

// run runs the function within, and notes how it ended.
func (t *turn) run(within func(func(*txConn) error) error) {
	t.left = true
	defer func() {
		if t.panicked = fault.Caught(recover()); t.panicked != nil {
			t.left = false
		}
	}()
	t.err = within(t.fn)
	t.left = false
}

// wait is for the caller: it ends as the function would have ended here; a panic keeps the stack of where it
// arose. A context that ends beforehand drops a function that has not begun.
func (t *turn) wait() error {
	select {
	case <-t.done:
	case <-t.ctx.Done():
		if t.gone.CompareAndSwap(false, true) {
			return t.ctx.Err()
		}
		<-t.done
	}
	switch {
	case t.panicked != nil:
		panic(t.panicked)
	case t.left:
		runtime.Goexit()
	}
	return t.err
}
