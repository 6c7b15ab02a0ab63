package storetest

import (
	"context"
	"errors"
	"runtime"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/recovery"
)

const contextEnds = "Update/a context that ends in between fails"

var updateTests = map[string]func(*kit){
	"Update/an error leaves nothing":               errorLeavesNothing,
	"Update/its own writes are seen":               ownWritesSeen,
	"Update/a panic leaves nothing":                panicLeavesNothing,
	"Update/leaving the goroutine leaves nothing":  goexitLeavesNothing,
	"Update/an ended context runs nothing":         endedContextRunsNothing,
	contextEnds:                                    contextEndsInBetween,
	"Update/a refused statement undoes everything": refusedStatement,
	"Ping/answers":                                 func(k *kit) { k.ok(k.Ping(k.ctx)) },
	"Close/ends it": func(k *kit) {
		k.ok(k.Close())
		if err := k.Update(k.ctx, func(recovery.Tx) error { return nil }); err == nil {
			k.Error("Update after Close: no error")
		}
	},
}

var errRefused = errors.New("refused")

func errorLeavesNothing(k *kit) {
	err := k.Update(k.ctx, func(tx recovery.Tx) error {
		k.ok(tx.InsertCase(k.ctx, aCase("1")))
		k.ok(tx.InsertChallenge(k.ctx, aChallenge("c", "1")))
		return errRefused
	})
	if !errors.Is(err, errRefused) {
		k.Errorf("got error %v, want the function's own", err)
	}
	_, err = k.Case(k.ctx, "1")
	k.notFound("case of a transaction that failed", err)
	k.cases("1") // neither its id nor its reference is taken
}

func ownWritesSeen(k *kit) {
	k.write(func(tx recovery.Tx) error {
		if err := tx.InsertCase(k.ctx, aCase("1")); err != nil {
			return err
		}
		c, err := tx.Case(k.ctx, "1")
		k.equal("case read in its own transaction", c, aCase("1"))
		if _, err := k.Case(k.ctx, "1"); !errors.Is(err, recovery.ErrNotFound) {
			k.Errorf("case read outside of its transaction: got %v, want ErrNotFound", err)
		}
		return err
	})
}

func panicLeavesNothing(k *kit) {
	func() {
		defer func() {
			p := fault.Caught(recover())
			k.equal("recovered", p.Value(), "lost")
			if line := p.Attr().String(); !strings.Contains(line, "storetest.lose(") {
				k.Errorf("the stack does not say where the panic arose: %s", line)
			}
		}()
		_ = k.Update(k.ctx, func(tx recovery.Tx) error {
			k.ok(tx.InsertCase(k.ctx, aCase("1")))
			lose()
			return nil
		})
	}()
	k.cases("1", "2")
}

func lose() { panic("lost") }

// A test that fails within a transaction leaves its goroutine; so may other code.
func goexitLeavesNothing(k *kit) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = k.Update(k.ctx, func(tx recovery.Tx) error {
			if err := tx.InsertCase(k.ctx, aCase("1")); err != nil {
				k.Error(err)
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	k.cases("1")
}

func endedContextRunsNothing(k *kit) {
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	err := k.Update(ctx, func(recovery.Tx) error {
		k.Error("ran")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		k.Errorf("got error %v, want context.Canceled", err)
	}
}

func contextEndsInBetween(k *kit) {
	ctx, cancel := context.WithCancel(k.ctx)
	err := k.Update(ctx, func(tx recovery.Tx) error {
		k.ok(tx.InsertCase(ctx, aCase("1")))
		cancel()
		_, err := tx.Case(ctx, "1")
		return errors.Join(err, tx.InsertCase(ctx, aCase("2")))
	})
	if !errors.Is(err, context.Canceled) {
		k.Errorf("got error %v, want context.Canceled", err)
	}
	k.cases("1", "2")
}

// A primary key that is taken is nobody's contract, but must not spoil what others do at the same time.
func refusedStatement(k *kit) {
	k.cases("1")
	twin := aCase("1")
	twin.Reference = "LK-other"
	err := k.Update(k.ctx, func(tx recovery.Tx) error {
		k.ok(tx.InsertCase(k.ctx, aCase("2")))
		return tx.InsertCase(k.ctx, twin)
	})
	if err == nil || errors.Is(err, recovery.ErrReferenceTaken) {
		k.Errorf("second case with one id: got error %v", err)
	}
	k.cases("2")
}
