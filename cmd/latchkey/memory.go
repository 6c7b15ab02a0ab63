package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Latchkey keeps some 6 MB and makes much that is short-lived. A collection at three times what is kept costs a
// twentieth of the processor under load, and within this limit the process stays under 60 MB: a third of that is
// the program, a sixth SQLite's. What the environment says comes first.
const (
	collectAt = 200
	heapSoft  = 24 << 20
	heapUsual = 10 << 20 // bytes kept and in stacks, with which collections still have room within heapSoft
)

func tune(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapSoft)
	}
}

// heapLimit is the soft limit, in bytes, where so many are kept or are stacks of those that wait, which the
// limit counts as well. There is always room for as much again: with less, one collection follows on the other
// and they take half of the processor.
func heapLimit(kept, stacks uint64) int64 {
	return heapSoft + 2*max(0, int64(kept+stacks)-heapUsual)
}

// followEvery is how often the limit is set anew: a crowd takes longer to come.
const followEvery = time.Second

// followHeap has the limit of tune follow what is kept, until ctx ends, and leaves it as it was.
func followHeap(ctx context.Context) {
	if debug.SetMemoryLimit(-1) != heapSoft { // the environment's, or none
		return
	}
	defer debug.SetMemoryLimit(heapSoft)
	used := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	for tick := time.Tick(followEvery); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			metrics.Read(used)
			debug.SetMemoryLimit(heapLimit(used[0].Value.Uint64(), used[1].Value.Uint64()))
		}
	}
}

// settleOnce is for tests, which start many servers in one process.
var settleOnce sync.Once

// settleAfter is when a start is over: the first questions were answered, and what was due was done.
const settleAfter = time.Second

// settle gives back, once the server answers, what only starting needed: parsed texts that became templates,
// and the pages of the program that ran once.
func settle() {
	settleOnce.Do(func() {
		debug.FreeOSMemory()
		dropProgramPages()
	})
}
