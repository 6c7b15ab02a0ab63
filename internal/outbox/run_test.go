package outbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

// running starts Run and returns a function that ends it and waits.
func running(t *testing.T, b *bench) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { b.Run(ctx) })
	return func() {
		cancel()
		run.Wait()
	}
}

func realClock(c *outbox.Config) { c.Now = time.Now }

// One wake leads to one lease, which takes in what was queued within Gather of it.
func TestRunSendsTogetherWhenWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock, func(c *outbox.Config) { c.Poll = time.Hour })
		stop := running(t, b)
		defer stop()
		synctest.Wait()
		b.queue.add(proofAt("d", time.Now()))
		b.Wake()
		time.Sleep(9 * time.Millisecond)
		b.queue.add(proofAt("e", time.Now()))
		b.Wake()
		synctest.Wait()
		if sent, _, _ := b.sender.counts(); sent != 0 {
			t.Errorf("%d sent within Gather, want none yet", sent)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if sent, _, _ := b.sender.counts(); sent != 2 {
			t.Errorf("%d sent after Gather, want both", sent)
		}
	})
}

// Pages come first, and for so long only: mail goes out when they are no longer busy, or in the end all the same.
func TestRunLetsPagesGoFirst(t *testing.T) {
	for name, tt := range map[string]struct{ busyFor, want time.Duration }{
		"idle":        {0, 10 * time.Millisecond},
		"for a while": {95 * time.Millisecond, 100 * time.Millisecond},
		"all along":   {time.Hour, 510 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				b := newBench(t, realClock, func(c *outbox.Config) {
					c.Poll = time.Hour
					c.Busy = func() bool { return !began.IsZero() && time.Since(began) < tt.busyFor }
				})
				began = time.Time{} // not busy while it starts
				stop := running(t, b)
				defer stop()
				synctest.Wait()
				began = time.Now()
				b.queue.add(proofAt("d", time.Now()))
				b.Wake()
				time.Sleep(tt.want - time.Millisecond)
				synctest.Wait()
				if sent, _, _ := b.sender.counts(); sent != 0 {
					t.Errorf("sent before %s", tt.want)
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if sent, _, _ := b.sender.counts(); sent != 1 {
					t.Errorf("not sent at %s", tt.want)
				}
			})
		})
	}
}

func TestRunFindsWhatNobodyWokeItFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		stop := running(t, b)
		defer stop()
		synctest.Wait()
		b.queue.add(proofAt("d", time.Now()))
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if sent, _, _ := b.sender.counts(); sent != 1 {
			t.Errorf("%d sent within Poll, want 1", sent)
		}
	})
}

func TestRunKeepsToItsWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock, func(c *outbox.Config) { c.Workers = 7 })
		b.sender.answer = func(context.Context, recovery.Message) error {
			time.Sleep(50 * time.Millisecond)
			return nil
		}
		for i := range 100 {
			b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
		}
		stop := running(t, b)
		time.Sleep(2 * time.Second)
		stop()
		if sent, _, most := b.sender.counts(); sent != 100 || most != 7 {
			t.Errorf("%d sent, %d at once; want 100 and 7", sent, most)
		}
	})
}

func TestStoppingFinishesWhatIsUnderWayAndGivesBackTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock, func(c *outbox.Config) { c.Workers = 2 })
		b.sender.answer = func(ctx context.Context, _ recovery.Message) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for i := range 10 {
			b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
		}
		stop := running(t, b)
		synctest.Wait()
		stop()
		accepted, queued := 0, 0
		for _, d := range b.queue.all() {
			switch {
			case d.State == recovery.StateAccepted:
				accepted++
			case d.State == recovery.StateQueued && d.LeasedBy == "" && !d.DueAt.After(time.Now()):
				queued++
			}
		}
		if accepted != 2 || queued != 8 {
			t.Errorf("%d accepted, %d free and due; want 2 and 8", accepted, queued)
		}
	})
}

func TestADeadWorkersMailsAreResumedWithin30s(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		b.queue.add(proofAt("d", time.Now()))
		// A process leased it and was killed: nobody records anything.
		if jobs, _ := b.queue.Lease(t.Context(), recovery.ChannelMail, "dead", time.Now(), time.Now().Add(20*time.Second), 1); len(jobs) != 1 {
			t.Fatal("nothing to lease")
		}
		stop := running(t, b)
		defer stop()
		time.Sleep(30 * time.Second)
		if d := b.queue.get(t, "d"); d.State != recovery.StateAccepted {
			t.Errorf("after 30 s it is %s, want accepted", d.State)
		}
	})
}

func TestARestartedWorkerGetsItsLeasesBackAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		b.queue.add(proofAt("mine", time.Now()), proofAt("theirs", time.Now()))
		until := time.Now().Add(20 * time.Second)
		for _, worker := range []string{"worker", "another"} { // both hold one; "worker" is this one's name
			if jobs, _ := b.queue.Lease(t.Context(), recovery.ChannelMail, worker, time.Now(), until, 1); len(jobs) != 1 {
				t.Fatal("nothing to lease")
			}
		}
		stop := running(t, b)
		defer stop()
		synctest.Wait()
		if ids := b.sender.ids(); !slices.Equal(ids, []string{"mine"}) {
			t.Errorf("sent at once: %v, want what it held itself", ids)
		}
	})
}

func TestAHangingProviderNeitherLosesNorDoublesMails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock, func(c *outbox.Config) { c.Workers = 4 })
		up := time.Now().Add(time.Minute)
		b.sender.answer = func(ctx context.Context, _ recovery.Message) error {
			if time.Now().Before(up) {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		for i := range 300 {
			b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
		}
		stop := running(t, b)
		time.Sleep(4 * time.Minute)
		stop()
		ids := b.sender.ids()
		seen := map[string]bool{}
		for _, id := range ids {
			seen[id] = true
		}
		if len(ids) != 300 || len(seen) != 300 {
			t.Errorf("%d mails of %d deliveries went out, want each of 300 once", len(ids), len(seen))
		}
	})
}

func TestNothingIsSentWithTooLittleLeaseLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock, func(c *outbox.Config) { c.Workers = 2; c.InHand = 20 })
		b.sender.answer = func(_ context.Context, m recovery.Message) error {
			if left := time.Until(b.queue.lapses(m.DeliveryID)); left < 10*time.Second {
				t.Errorf("%s is sent with %v of its lease left, less than a send may take", m.DeliveryID, left)
			}
			time.Sleep(8 * time.Second)
			return nil
		}
		for i := range 20 {
			b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
		}
		stop := running(t, b)
		time.Sleep(2 * time.Minute)
		stop()
		if sent, _, _ := b.sender.counts(); sent != 20 {
			t.Errorf("%d of 20 sent", sent)
		}
	})
}

func TestAProviderThatIsDownForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		began := time.Now()
		b.sender.answer = func(context.Context, recovery.Message) error {
			if time.Since(began) < time.Minute {
				return errAway
			}
			return nil
		}
		stop := running(t, b)
		for i := range 70 * 30 { // 30 starts a second
			b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
			b.Wake()
			time.Sleep(time.Second / 30)
		}
		time.Sleep(20 * time.Second)
		stop()
		if ids := b.sender.ids(); len(ids) != 2100 {
			t.Errorf("%d of 2100 arrived within 30 s of the provider's return", len(ids))
		}
	})
}

func TestRecordingIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		b.queue.finishFail = 2
		b.queue.add(proofAt("d", time.Now()))
		stop := running(t, b)
		time.Sleep(2 * time.Second)
		stop()
		if d := b.queue.get(t, "d"); d.State != recovery.StateAccepted {
			t.Errorf("got %s, want accepted", d.State)
		}
		if sent, _, _ := b.sender.counts(); sent != 1 {
			t.Errorf("sent %d times, want once", sent)
		}
	})
}

// While the database is away the log says so now and then, not at each look, and once that it is back.
func TestAQueueThatIsAwayIsToldNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		away := func(is bool) {
			b.queue.mu.Lock()
			defer b.queue.mu.Unlock()
			b.queue.away = is
		}
		stop := running(t, b)
		for range 2 {
			away(true)
			time.Sleep(35 * time.Second)
			away(false)
			time.Sleep(time.Minute)
		}
		stop()
		told, back := strings.Count(b.log.String(), "cannot lease"), strings.Count(b.log.String(), "leases again")
		if told != 8 || back != 2 {
			t.Errorf("told %d times that the queue is away and %d times that it is back, want 8 and 2", told, back)
		}
	})
}

// A provider may ask for an hour: who operates it reads at once, and once a minute, how long it still is. The
// seconds of our own pauses are not told.
func TestAPauseThatTheProviderAskedForIsTold(t *testing.T) {
	for _, tt := range []struct {
		retryAfter time.Duration
		told       int
	}{{time.Hour, 5}, {10 * time.Second, 0}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, realClock)
			b.sender.answer = func(context.Context, recovery.Message) error { return tooMany(tt.retryAfter) }
			if left := b.Paused(); left != 0 {
				t.Errorf("paused for %v before anything was sent", left)
			}
			b.queue.add(proofAt("d", time.Now()))
			stop := running(t, b)
			time.Sleep(4*time.Minute + 2*time.Second)
			left := b.Paused()
			stop()
			if got := strings.Count(b.log.String(), "asked for a pause"); got != tt.told {
				t.Errorf("asked for %v: told %d times in four minutes, want %d:\n%s", tt.retryAfter, got, tt.told, b.log.String())
			}
			if tt.told > 0 && (!strings.Contains(b.log.String(), "left=59m") || left < 55*time.Minute || left > 56*time.Minute) {
				t.Errorf("%v left, and the log says %s", left, b.log.String())
			}
		})
	}
}
