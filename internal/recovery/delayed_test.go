package recovery_test

import (
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// A mailbox whose server asks us to come back holds up its own mail alone: it is delayed, and not on our side. What
// waits because nothing can be sent is queued, and after a while on ours.
func TestWhatAMailboxPutsOffIsDelayed(t *testing.T) {
	for name, tt := range map[string]struct {
		reason recovery.Reason
		state  recovery.State
		late   bool
	}{
		"its server":       {"smtp-4.2.1", recovery.StateDelayed, false},
		"nothing goes out": {recovery.ReasonNone, recovery.StateQueued, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.browser()
			b.start("ann@example.com")
			now := h.clock.Now()
			jobs, err := h.store.Lease(t.Context(), recovery.ChannelMail, "w", now, now.Add(time.Minute), 9)
			if err != nil || len(jobs) != 1 {
				t.Fatalf("%d jobs, %v", len(jobs), err)
			}
			b.must(h.store.Finish(t.Context(), "w", now, map[string]recovery.Result{
				jobs[0].Delivery.ID: {State: recovery.StateQueued, Reason: tt.reason, DueAt: now.Add(time.Minute)},
			}))
			for _, after := range []time.Duration{0, recovery.DefaultPolicy().QueuedWait} {
				h.clock.Pass(after)
				w, err := h.Waiting(t.Context(), b.visitor())
				if err != nil || w.State != tt.state || w.Late != (tt.late && after > 0) || w.CanResend != (after > 0) {
					t.Errorf("after %v: %+v, %v", after, w, err)
				}
			}
		})
	}
}

// A hand-off that the desk refused waits for people, and no mailbox's server put it off.
func TestWhatTheDeskRefusesIsNotDelayed(t *testing.T) {
	d := recovery.Delivery{Kind: recovery.KindTicket, State: recovery.StateQueued, Reason: recovery.ReasonRefused}
	if got := d.Told(); got != recovery.StateQueued {
		t.Errorf("got %s", got)
	}
}
