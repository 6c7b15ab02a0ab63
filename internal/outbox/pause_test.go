package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

func tooMany(retryAfter time.Duration) error {
	return &recovery.SendError{ProviderWide: true, RetryAfter: retryAfter, Err: errors.New("429")}
}

var errAway = &recovery.SendError{ProviderWide: true, Err: errors.New("503")}

func addProofs(q *queue, n int) {
	for i := range n {
		q.add(proof(fmt.Sprintf("d%04d", i)))
	}
}

func TestNoRequestBeforeRetryAfterIsOver(t *testing.T) {
	b := newBench(t, func(c *outbox.Config) { c.Workers = 1 })
	b.sender.answer = func(context.Context, recovery.Message) error { return tooMany(90 * time.Second) }
	addProofs(b.queue, 20)
	b.flush(t)
	if _, tries, _ := b.sender.counts(); tries != 1 {
		t.Fatalf("%d requests, want the one that was refused", tries)
	}
	b.sender.answer = nil
	b.now = start.Add(90*time.Second - 1)
	b.flush(t)
	if _, tries, _ := b.sender.counts(); tries != 1 {
		t.Fatalf("%d requests before Retry-After was over, want none", tries-1)
	}
	b.now = start.Add(95 * time.Second)
	b.flush(t)
	if sent, tries, _ := b.sender.counts(); sent != 20 || tries != 21 {
		t.Errorf("%d of 20 sent in %d requests, want all in 21", sent, tries)
	}
}

func TestADeadProviderIsProbedByOneMailAtATime(t *testing.T) {
	b := newBench(t, func(c *outbox.Config) { c.Workers = 8 })
	b.sender.answer = func(context.Context, recovery.Message) error { return errAway }
	addProofs(b.queue, 200)
	b.flush(t)
	_, first, _ := b.sender.counts()
	leased := b.queue.leases()
	if first < 3 || first > 3+8 {
		t.Fatalf("%d requests before the pause, want 3 and what was under way", first)
	}
	// A minute of it: the pauses are 1, 2, 4, 8 and then 15 s.
	for range 240 {
		b.now = b.now.Add(250 * time.Millisecond)
		b.flush(t)
	}
	if _, tries, _ := b.sender.counts(); tries-first < 4 || tries-first > 7 {
		t.Errorf("%d requests in a minute of a dead provider, want 4 to 7 probes", tries-first)
	}
	if n := b.queue.leases() - leased; n > 7*16 {
		t.Errorf("%d leases for those probes, want 16 each at most", n)
	}
	b.sender.answer = nil
	b.now = b.now.Add(15 * time.Second)
	b.flush(t)
	b.now = b.now.Add(20 * time.Second)
	b.flush(t)
	if sent, _, _ := b.sender.counts(); sent != 200 {
		t.Errorf("%d of 200 sent after the provider came back", sent)
	}
}

func TestWhileAProbeIsOutTheOthersWait(t *testing.T) {
	b := newBench(t, func(c *outbox.Config) { c.Workers = 8 })
	b.sender.answer = func(context.Context, recovery.Message) error { return tooMany(time.Second) }
	b.queue.add(proof("first"))
	b.flush(t)

	addProofs(b.queue, 50)
	before := 0
	b.sender.answer = func(context.Context, recovery.Message) error {
		if _, _, most := b.sender.counts(); before == 0 {
			before = most
		}
		return nil
	}
	b.sender.most = 0
	b.now = start.Add(time.Second)
	b.flush(t)
	if sent, _, _ := b.sender.counts(); sent != 50 || before != 1 {
		t.Errorf("%d sent, %d at once when the probe was out; want 50 and 1", sent, before)
	}
}

// What was sent before a pause began can come back while it lasts. It does not end it: when it is over one
// mail goes as a probe and the others wait for its outcome.
func TestStragglersDoNotEndThePause(t *testing.T) {
	for name, straggler := range map[string]error{
		"one that was taken": nil, "one that was not": errAway, "one with a shorter pause": tooMany(time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, realClock)
				began := time.Now()
				b.sender.answer = func(_ context.Context, m recovery.Message) error {
					switch early := time.Since(began) < time.Second; {
					case early && m.DeliveryID == "straggler":
						time.Sleep(3 * time.Second)
						return straggler
					case early:
						return tooMany(time.Minute)
					}
					time.Sleep(5 * time.Second)
					return nil
				}
				stop := afterStraggler(t, b, proofAt("refused", time.Now()))
				defer stop()
				time.Sleep(time.Second)
				for i := range 20 {
					b.queue.add(proofAt(fmt.Sprint(i), time.Now()))
				}
				time.Sleep(58 * time.Second)
				if _, tries, _ := b.sender.counts(); tries != 2 {
					t.Errorf("%d requests before the pause was over, want the 2 from before it", tries)
				}
				time.Sleep(2 * time.Second)
				if _, tries, _ := b.sender.counts(); tries != 3 {
					t.Errorf("%d requests while the probe was out, want the probe alone", tries-2)
				}
			})
		})
	}
}

func TestAStragglerDoesNotShortenLaterPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, realClock)
		b.sender.answer = func(_ context.Context, m recovery.Message) error {
			if m.DeliveryID == "straggler" {
				time.Sleep(5 * time.Second)
			}
			return errAway
		}
		var others []recovery.Job
		for i := range 100 {
			others = append(others, proofAt(fmt.Sprint(i), time.Now()))
		}
		stop := afterStraggler(t, b, others...)
		defer stop()
		time.Sleep(6500 * time.Millisecond)
		_, before, _ := b.sender.counts()
		time.Sleep(7 * time.Second) // one probe, 7 s after the start, and then 8 s of quiet
		if _, tries, _ := b.sender.counts(); tries-before != 1 {
			t.Errorf("%d probes between 6.5 and 13.5 s, want 1", tries-before)
		}
	})
}

// afterStraggler runs the outbox, and queues jobs when the mail "straggler" is under way.
func afterStraggler(t *testing.T, b *bench, jobs ...recovery.Job) (stop func()) {
	t.Helper()
	b.queue.add(proofAt("straggler", time.Now()))
	stop = running(t, b)
	synctest.Wait()
	b.queue.add(jobs...)
	b.Wake()
	synctest.Wait()
	return stop
}

func TestOnePoisonedRecipientDelaysNobody(t *testing.T) {
	for name, poison := range map[string]error{
		"an error that looks like the provider's": errAway,
		"a temporary error":                       &recovery.SendError{Reason: "smtp-451", Err: errors.New("451")},
		"an unknown error":                        errors.New("what"),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.sender.answer = func(_ context.Context, m recovery.Message) error {
				if m.DeliveryID == "d0000" {
					return poison
				}
				return nil
			}
			addProofs(b.queue, 1000)
			b.flush(t)
			if sent, tries, _ := b.sender.counts(); sent != 999 || tries != 1000 {
				t.Errorf("%d sent in %d requests, want the 999 at once", sent, tries)
			}
			want := recovery.ReasonNone
			if said, ok := errors.AsType[*recovery.SendError](poison); ok {
				want = said.Reason
			}
			if d := b.queue.get(t, "d0000"); d.State != recovery.StateQueued || d.Reason != want {
				t.Errorf("the one is %s %q, want queued and %q", d.State, d.Reason, want)
			}
		})
	}
}

func TestAHangingRecipientDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(c *outbox.Config) { c.Now = time.Now; c.Workers = 4 })
		b.sender.answer = func(ctx context.Context, m recovery.Message) error {
			if m.DeliveryID == "poison" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		b.queue.add(proofAt("poison", time.Now()))
		for i := range 999 {
			b.queue.add(proofAt(fmt.Sprintf("d%04d", i), time.Now()))
		}
		stop := running(t, b)
		time.Sleep(5 * time.Second) // the poisoned one hangs for 10
		if sent, _, _ := b.sender.counts(); sent != 999 {
			t.Errorf("%d of 999 sent while one hangs", sent)
		}
		stop()
	})
}
