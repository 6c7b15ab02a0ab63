package main

import (
	"runtime/debug"
	"sync"
	"time"
)

// Latchkey keeps some 6 MB and makes much that is short-lived. A collection at three times what is kept costs a
// twentieth of the processor under load, and within this limit the process stays under 60 MB: a third of that is
// the program, a sixth SQLite's. What the environment says comes first.
const (
	collectAt = 200
	heapSoft  = 26 << 20
)

func tune(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapSoft)
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
