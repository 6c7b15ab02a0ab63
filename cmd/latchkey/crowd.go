package main

import (
	"net/http"
	"runtime"
	"sync/atomic"
)

// crowd is a handler that counts who waits for its answer.
type crowd struct {
	http.Handler
	waiting atomic.Int64
}

// ServeHTTP implements http.Handler.
func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.waiting.Add(1)
	defer c.waiting.Add(-1)
	c.Handler.ServeHTTP(w, r)
}

// busy reports whether there are more of them than the processors work on at once, twice over.
func (c *crowd) busy() bool { return c.waiting.Load() > 2*int64(runtime.GOMAXPROCS(0)) }
