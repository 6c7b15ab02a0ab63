package outbox_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

// Rendering is what costs processor time, which customers' pages need as well.
func TestFewMailsAreRenderedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		slow := composer{fail: func(job recovery.Job) error {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
			if job.Delivery.ID == "0" {
				panic("a mail that cannot be rendered gives its place back")
			}
			return nil
		}}
		b := newBench(t, realClock, func(c *outbox.Config) { c.Composer, c.Workers, c.Composing = slow, 20, 2 })
		b.sender.answer = func(context.Context, recovery.Message) error {
			time.Sleep(50 * time.Millisecond)
			return nil
		}
		for i := range 100 {
			b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
		}
		stop := running(t, b)
		time.Sleep(time.Second)
		stop()
		if sent, _, atOnce := b.sender.counts(); sent != 99 || most != 2 || atOnce != 20 {
			t.Errorf("%d sent, %d at once, %d rendered at once; want 99, 20 and 2", sent, atOnce, most)
		}
	})
}
