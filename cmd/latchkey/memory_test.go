package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

func TestHeapLimit(t *testing.T) {
	for _, tt := range []struct {
		kept, stacks uint64
		want         int64
	}{
		{0, 0, heapSoft},
		{5 << 20, 1 << 20, heapSoft},
		{heapUsual, 0, heapSoft},
		{15 << 20, 0, heapSoft + 10<<20},
		{58 << 20, 50 << 20, heapSoft + 196<<20},
	} {
		if got := heapLimit(tt.kept, tt.stacks); got != tt.want {
			t.Errorf("%d kept, %d in stacks: limit %d, want %d", tt.kept, tt.stacks, got, tt.want)
		}
	}
}

// Where much has to be kept, or many wait, there is room for collections, and none where that is over. A limit that
// the operator has set stays.
func TestTheHeapsLimitFollows(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	follow := func() (end func()) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			followHeap(ctx)
			close(ended)
		}()
		return func() { cancel(); <-ended }
	}
	for _, own := range []int64{math.MaxInt64, heapSoft + 1} {
		debug.SetMemoryLimit(own)
		followHeap(t.Context()) // returns
		if got := debug.SetMemoryLimit(-1); got != own {
			t.Errorf("limit %d, want %d as set", got, own)
		}
	}
	debug.SetMemoryLimit(heapSoft)
	defer follow()()
	kept := make([]byte, 100<<20)
	runtime.GC()
	awaitLimit(t, func(limit int64) bool { return limit >= heapLimit(100<<20, 0) })
	runtime.KeepAlive(kept)
	runtime.GC()
	awaitLimit(t, func(limit int64) bool { return limit < heapLimit(100<<20, 0) })

	before, leave := debug.SetMemoryLimit(-1), make(chan struct{})
	var crowd sync.WaitGroup
	for range 2000 {
		crowd.Go(func() { waits(leave) })
	}
	awaitLimit(t, func(limit int64) bool { return limit >= before+2*(2000*8<<10) })
	close(leave)
	crowd.Wait()
}

// waits needs a stack of 16 KB meanwhile.
//
//go:noinline
func waits(leave <-chan struct{}) byte {
	var stack [8 << 10]byte
	<-leave
	return stack[len(stack)-1]
}

func awaitLimit(t *testing.T, is func(limit int64) bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(debug.SetMemoryLimit(-1)); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the limit stays at %d", debug.SetMemoryLimit(-1))
		}
	}
}
