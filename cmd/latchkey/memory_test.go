package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestHeapLimit(t *testing.T) {
	for kept, want := range map[uint64]int64{
		0: heapSoft, 5 << 20: heapSoft, heapUsual: heapSoft,
		14 << 20: heapSoft + 14<<20, 107 << 20: heapSoft + 200<<20,
	} {
		if got := heapLimit(kept); got != want {
			t.Errorf("%d kept: limit %d, want %d", kept, got, want)
		}
	}
}

// Where much has to be kept there is room for collections, and none where it is let go again. A limit that the
// operator has set stays.
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
	crowd := make([]byte, 100<<20)
	runtime.GC()
	awaitLimit(t, func(limit int64) bool { return limit >= heapLimit(100<<20) })
	runtime.KeepAlive(crowd)
	runtime.GC()
	awaitLimit(t, func(limit int64) bool { return limit < heapLimit(100<<20) })
}

func awaitLimit(t *testing.T, is func(limit int64) bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(debug.SetMemoryLimit(-1)); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the limit stays at %d", debug.SetMemoryLimit(-1))
		}
	}
}
