package outbox_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

// While one mail is out to see whether the provider is back, the others wait. One that expires meanwhile is
// not sent.
func TestAMailThatExpiresWhileItWaitsForAProbeIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := composer{fail: func(job recovery.Job) error {
			if job.Delivery.ID == "short" {
				time.Sleep(time.Millisecond) // so that another is the probe
			}
			return nil
		}}
		b := newBench(t, realClock, func(c *outbox.Config) { c.Composer, c.Composing = second, 2 })
		answer := tooMany(time.Second)
		b.sender.answer = func(context.Context, recovery.Message) error { return answer }
		b.queue.add(proofAt("first", time.Now()))
		stop := running(t, b)
		defer stop()
		synctest.Wait() // refused: a pause has begun
		b.sender.answer = func(context.Context, recovery.Message) error {
			time.Sleep(8 * time.Second)
			return nil
		}
		short := proofAt("short", time.Now())
		short.Challenge.ExpiresAt = time.Now().Add(5 * time.Second)
		b.queue.add(short, proofAt("long", time.Now()))
		b.Wake()
		time.Sleep(30 * time.Second)
		if d := b.queue.get(t, "short"); d.State != recovery.StateFailed || d.Reason != recovery.ReasonExpired {
			t.Errorf("got %s %q, want it dropped as expired", d.State, d.Reason)
		}
		for _, id := range b.sender.ids() {
			if id == "short" {
				t.Error("sent when it had expired")
			}
		}
		if len(b.sender.ids()) != 2 {
			t.Errorf("sent %v, want the two others", b.sender.ids())
		}
	})
}
