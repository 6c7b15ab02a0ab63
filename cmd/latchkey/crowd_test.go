package main

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
)

// The outbox lets pages go first while more people wait than the processors serve, and no longer.
func TestACrowdIsCounted(t *testing.T) {
	hold, here := make(chan struct{}), make(chan struct{})
	c := &crowd{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		here <- struct{}{}
		<-hold
	})}
	var all sync.WaitGroup
	come := func() {
		all.Go(func() { c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)) })
		<-here
	}
	for n := range 2 * runtime.GOMAXPROCS(0) {
		come()
		if c.busy() {
			t.Fatalf("busy with %d", n+1)
		}
	}
	come()
	if !c.busy() {
		t.Error("not busy with one more")
	}
	close(hold)
	all.Wait()
	if c.busy() {
		t.Error("busy with nobody")
	}
}
