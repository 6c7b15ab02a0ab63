package main

import (
	"runtime/debug"
	"sync"
)

// settleOnce is for tests, which start many servers in one process.
var settleOnce sync.Once

// settle gives back, once the server answers, what only starting needed: parsed texts that became templates,
// and the pages of the program that ran once.
func settle() {
	settleOnce.Do(func() {
		debug.FreeOSMemory()
		dropProgramPages()
	})
}
