package handlers_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/recovery"
)

// patient notes until when a request may take, and takes all of it if it is told to hang.
type patient struct {
	handlers.Recovery
	until time.Time
	hangs bool
}

func (p *patient) Progress(ctx context.Context, v *recovery.Visitor) (recovery.Progress, error) {
	p.until, _ = ctx.Deadline()
	if p.hangs {
		return recovery.Progress{}, context.DeadlineExceeded
	}
	return p.Recovery.Progress(ctx, v)
}

// A request has 12 seconds: longer than all that it asks of the customer portal (R5: 5 s), shorter than the
// server's write time-out (R13: 15 s), so that a late answer is still a page.
func TestARequestHasItsTime(t *testing.T) {
	h := newHouse(t)
	service := &patient{Recovery: h.service}
	h.config.Service = service
	h.build()
	const want = 12 * time.Second
	earliest := time.Now().Add(want)
	h.ask(http.MethodGet, "/", "")
	latest := time.Now().Add(want)
	if service.until.Before(earliest) || service.until.After(latest) {
		t.Errorf("a request may take until %s, want %s to %s", service.until, earliest, latest)
	}
	service.hangs = true
	wholePage(t, "a request whose time is over", h.ask(http.MethodGet, "/", ""), http.StatusServiceUnavailable)
}
