package outbox

import (
	"context"
	"sync"
	"time"
)

const (
	// suspicious is how many different deliveries must fail, with none getting through in between,
	// before the provider is taken to be down: a single poisoned mail must not stop the others.
	suspicious = 3
	firstPause = time.Second
	// lastPause bounds how late Latchkey notices that the provider is back.
	lastPause = 15 * time.Second
	// longestPause bounds what a provider can ask for by Retry-After.
	longestPause = 24 * time.Hour
)

// pause is what all workers know of the provider. While it lasts nothing is sent; then one mail goes
// as a probe while the others wait for its outcome.
type pause struct {
	now func() time.Time

	mu      sync.Mutex
	failing map[string]bool // deliveries that failed since the last one that got through
	length  time.Duration   // 0: no pause
	until   time.Time
	probe   chan struct{} // closed when the probe's outcome is known; nil when there is no probe
}

func newPause(now func() time.Time) *pause {
	return &pause{now: now, failing: map[string]bool{}}
}

// over reports whether sending, or at least a probe, may be tried.
func (p *pause) over() bool { return p.left() == 0 }

// left is how long not even a probe may be tried.
func (p *pause) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.until.Sub(p.now()))
}

// probing reports whether the next send is, or waits for, a probe.
func (p *pause) probing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.length > 0
}

// enter asks to send now. It waits while a probe is out. If ok is false the mail has to wait until
// resume; if pass.probe is true its outcome decides for everybody.
func (p *pause) enter(ctx context.Context) (pass pass, resume time.Time, ok bool) {
	for {
		p.mu.Lock()
		switch {
		case p.now().Before(p.until):
			defer p.mu.Unlock()
			return pass, p.until, false
		case p.length == 0:
			defer p.mu.Unlock()
			return pass, resume, true
		case p.probe == nil:
			defer p.mu.Unlock()
			p.probe = make(chan struct{})
			pass.probe = true
			return pass, resume, true
		}
		outcome := p.probe
		p.mu.Unlock()
		select {
		case <-outcome:
		case <-ctx.Done():
			return pass, p.now(), false
		}
	}
}

// pass is the leave to send one mail.
type pass struct{ probe bool }

// answered records that the provider took a mail or judged it by itself: it is there.
func (p *pause) answered(by pass) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.length > 0 && !by.probe {
		return // sent before the pause began
	}
	p.length = 0
	clear(p.failing)
	p.settle(by)
}

// refused records that the provider refuses everyone or cannot be reached. retryAfter is the pause it
// asked for, or zero. It returns the moment from which the mail may be tried again as far as the
// provider goes.
func (p *pause) refused(by pass, deliveryID string, retryAfter time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing[deliveryID] = true
	retryAfter = min(retryAfter, longestPause)
	switch {
	case by.probe:
		p.begin(max(retryAfter, min(2*p.length, lastPause)))
	case p.length > 0: // sent before the pause began: it lengthens nothing but a shorter Retry-After
		p.extend(retryAfter)
	case retryAfter > 0 || len(p.failing) >= suspicious:
		p.begin(max(retryAfter, firstPause))
	}
	p.settle(by)
	return p.until
}

func (p *pause) begin(length time.Duration) {
	p.length = min(length, lastPause)
	p.extend(length)
}

func (p *pause) extend(length time.Duration) {
	if until := p.now().Add(length); until.After(p.until) {
		p.until = until
	}
}

// settle lets those go on who wait for the probe.
func (p *pause) settle(by pass) {
	if by.probe && p.probe != nil {
		close(p.probe)
		p.probe = nil
	}
}
