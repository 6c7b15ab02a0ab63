package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// elsewhereHeader is set by a proxy that asks another replica what this one answers with 502, and no longer
// sends it anything for a while; see compose.yaml.
const elsewhereHeader = "Latchkey-Elsewhere"

// drain is a handler at the end of its life: it still answers, but every answer ends its connection, so that
// none is open, waiting for the next request, when the listener closes. What can be asked elsewhere without
// harm is sent there: by that a proxy which asks nobody's /readyz learns of the end before it comes.
type drain struct {
	http.Handler
	begun atomic.Bool
}

// ServeHTTP implements http.Handler.
func (d *drain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !d.begun.Load() {
		d.Handler.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Connection", "close")
	repeatable := r.Method == http.MethodGet || r.Method == http.MethodHead
	if repeatable && r.Header.Get(elsewhereHeader) != "" {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	d.Handler.ServeHTTP(w, r)
}

// drain has every server say that its end has come, and waits for those who look at that.
func (a *app) drain(ctx context.Context, all []*drain) {
	a.surface.SetReady(false)
	for _, d := range all {
		d.begun.Store(true)
	}
	if ctx.Err() == nil {
		return // a listener failed: nobody comes any more
	}
	time.Sleep(*a.options.DrainDelay)
}
