package outbox_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

func TestSentMailIsAccepted(t *testing.T) {
	b := newBench(t)
	b.queue.add(proof("d1"))
	b.now = start.Add(3 * time.Second)
	b.flush(t)

	d := b.queue.get(t, "d1")
	if d.State != recovery.StateAccepted || d.ProviderID != "provider-d1" {
		t.Errorf("got %s %q, want accepted with the provider's id", d.State, d.ProviderID)
	}
	if len(b.metrics.waits) != 1 || b.metrics.waits[0] != 3*time.Second {
		t.Errorf("metrics say %v since the request, want 3s", b.metrics.waits)
	}
}

// mailbox is a sender with nothing behind it.
type mailbox struct{ *sender }

func (mailbox) IsMailbox() {}

func TestWhatAMailboxTakesIsDelivered(t *testing.T) {
	b := newBench(t, func(c *outbox.Config) { c.Sender = mailbox{&sender{}} })
	b.queue.add(proof("d"))
	b.flush(t)
	if d := b.queue.get(t, "d"); d.State != recovery.StateDelivered {
		t.Errorf("got %s, want delivered", d.State)
	}
}

func TestWhatMustNotBeSent(t *testing.T) {
	ended := func(j *recovery.Job) { j.Case.EndedAt = start }
	tests := []struct {
		name string
		job  recovery.Job
		at   time.Duration
		want recovery.Reason // none: it is sent
	}{
		{"a stopped mailbox", with(proof("d"), func(j *recovery.Job) {
			j.Delivery.Refusal = recovery.ReasonStopped
		}), 0, recovery.ReasonStopped},
		{"over a cap", with(proof("d"), func(j *recovery.Job) {
			j.Delivery.Refusal = recovery.ReasonCapped
		}), 0, recovery.ReasonCapped},
		{"an ended case", with(proof("d"), ended), 0, recovery.ReasonEnded},
		{"a used challenge", with(proof("d"), func(j *recovery.Job) {
			j.Challenge.UsedAt = start
		}), 0, recovery.ReasonNone},
		{"a challenge that is gone", with(proof("d"), func(j *recovery.Job) {
			j.Challenge = nil
		}), 0, recovery.ReasonExpired},
		{"just before it expires", proof("d"), 15*time.Minute - 1, recovery.ReasonNone},
		{"when it expires", proof("d"), 15 * time.Minute, recovery.ReasonExpired},
		{"a notice of an ended case", with(notice("d"), ended), 0, recovery.ReasonNone},
		{"a notice whose second link has expired", notice("d"), time.Hour, recovery.ReasonNone},
		{"a notice too old", notice("d"), 48 * time.Hour, recovery.ReasonGivenUp},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.queue.add(tt.job)
			b.now = start.Add(tt.at)
			b.flush(t)
			wantState, wantSent := recovery.StateFailed, 0
			if tt.want == recovery.ReasonNone {
				wantState, wantSent = recovery.StateAccepted, 1
			}
			d := b.queue.get(t, "d")
			if d.State != wantState || d.Reason != tt.want {
				t.Errorf("got %s %q, want %s %q", d.State, d.Reason, wantState, tt.want)
			}
			if sent, _, _ := b.sender.counts(); sent != wantSent {
				t.Errorf("sent %d mails, want %d", sent, wantSent)
			}
		})
	}
}

func TestTemporaryFailuresBackOff(t *testing.T) {
	b := newBench(t)
	b.sender.answer = func(context.Context, recovery.Message) error {
		return &recovery.SendError{Err: errors.New("451 greylisted")}
	}
	b.queue.add(notice("d"))
	want := []time.Duration{
		2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second,
		128 * time.Second, 256 * time.Second, 512 * time.Second, 10 * time.Minute, 10 * time.Minute,
	}
	for i, wait := range want {
		b.flush(t)
		d := b.queue.get(t, "d")
		if got := d.DueAt.Sub(b.now); got != wait || d.State != recovery.StateQueued {
			t.Fatalf("after attempt %d: %s, due in %v; want queued, in %v", i+1, d.State, got, wait)
		}
		b.now = d.DueAt
	}
}

func TestJitterSpreadsByAQuarter(t *testing.T) {
	for jitter, want := range map[float64]time.Duration{0: 1500 * time.Millisecond, 0.5: 2 * time.Second, 1: 2500 * time.Millisecond} {
		b := newBench(t, func(c *outbox.Config) { c.Rand = func() float64 { return jitter } })
		b.sender.answer = func(context.Context, recovery.Message) error {
			return &recovery.SendError{Err: errors.New("451")}
		}
		b.queue.add(notice("d"))
		b.flush(t)
		if got := b.queue.get(t, "d").DueAt.Sub(start); got != want {
			t.Errorf("jitter %v: due in %v, want %v", jitter, got, want)
		}
	}
}

func TestRetryIsNotLaterThanTheChallenge(t *testing.T) {
	b := newBench(t)
	b.sender.answer = func(context.Context, recovery.Message) error {
		return &recovery.SendError{RetryAfter: 30 * time.Minute, Err: errors.New("450")}
	}
	b.queue.add(proof("mail"), notice("notice"))
	b.flush(t)
	if got := b.queue.get(t, "notice").DueAt.Sub(start); got != 30*time.Minute {
		t.Errorf("the notice is due in %v, want what was asked for: 30m", got)
	}
	if got := b.queue.get(t, "mail").DueAt.Sub(start); got != 15*time.Minute {
		t.Errorf("the mail is due in %v, want 15m, when its challenge ends", got)
	}
	b.now = start.Add(15 * time.Minute)
	b.flush(t)
	if d := b.queue.get(t, "mail"); d.State != recovery.StateFailed || d.Reason != recovery.ReasonExpired {
		t.Errorf("got %s %q, want failed expired", d.State, d.Reason)
	}
}

func TestAMailSomebodyWaitsForIsTriedToTheEnd(t *testing.T) {
	b := newBench(t)
	b.sender.answer = func(context.Context, recovery.Message) error {
		return &recovery.SendError{Err: errors.New("451")}
	}
	b.queue.add(proof("d"))
	end := start.Add(15 * time.Minute)
	var last time.Time
	for b.now.Before(end) {
		last = b.now
		b.flush(t)
		d := b.queue.get(t, "d")
		if wait := d.DueAt.Sub(b.now); wait > 2*time.Second && wait > end.Sub(b.now)/8 {
			t.Fatalf("%v before the end it waits for %v", end.Sub(b.now), wait)
		}
		b.now = d.DueAt
	}
	if left := end.Sub(last); left > 5*time.Second {
		t.Errorf("the last attempt was %v before the end, want it near", left)
	}
	b.flush(t)
	if d := b.queue.get(t, "d"); d.State != recovery.StateFailed || d.Reason != recovery.ReasonExpired {
		t.Errorf("got %s %q, want failed expired", d.State, d.Reason)
	}
}

func TestPermanentFailureIsFinal(t *testing.T) {
	for _, tt := range []struct{ reason, want recovery.Reason }{
		{"", recovery.ReasonRefused},
		{"bounced", "bounced"},
	} {
		b := newBench(t)
		b.sender.answer = func(context.Context, recovery.Message) error {
			return &recovery.SendError{Permanent: true, Reason: tt.reason, Err: errors.New("550")}
		}
		b.queue.add(proof("d"))
		b.flush(t)
		if d := b.queue.get(t, "d"); d.State != recovery.StateFailed || d.Reason != tt.want {
			t.Errorf("got %s %q, want failed %q", d.State, d.Reason, tt.want)
		}
	}
}

func TestAPanicIsAFailedAttempt(t *testing.T) {
	poison := func(id string) { // one delivery makes some code of ours or a library panic
		if id == "poison" {
			panic("address " + customer)
		}
	}
	b := newBench(t, func(c *outbox.Config) {
		c.Composer = composer{fail: func(j recovery.Job) error { poison(j.Delivery.ID); return nil }}
	})
	b.queue.add(proof("poison"), proof("good"))
	b.flush(t)
	if d := b.queue.get(t, "poison"); d.State != recovery.StateQueued || !d.DueAt.After(start) {
		t.Errorf("got %s due %v, want queued for later", d.State, d.DueAt)
	}
	if d := b.queue.get(t, "good"); d.State != recovery.StateAccepted {
		t.Errorf("the good one is %s, want accepted", d.State)
	}
	if !strings.Contains(b.log.String(), t.Name()) {
		t.Errorf("the log does not say where it arose:\n%s", b.log)
	}
	if strings.Contains(b.log.String(), customer) {
		t.Errorf("the log holds an address:\n%s", b.log)
	}
}

func TestFindOtherIsAJobAndNoMail(t *testing.T) {
	job := with(notice("find"), func(j *recovery.Job) { j.Delivery.Kind = recovery.KindFindOther })
	b := newBench(t)
	b.finder.err = errors.Join(recovery.ErrPortal, errors.New("GET /v1/accounts?similar_to="+customer))
	b.queue.add(job)
	b.flush(t)
	if d := b.queue.get(t, "find"); d.State != recovery.StateQueued || d.DueAt.Sub(start) != 2*time.Second {
		t.Errorf("portal away: got %s due in %v, want queued in 2s", d.State, d.DueAt.Sub(start))
	}
	b.finder.err, b.now = nil, start.Add(2*time.Second)
	b.flush(t)
	if d := b.queue.get(t, "find"); d.State != recovery.StateAccepted {
		t.Errorf("got %s, want accepted", d.State)
	}
	if _, tries, _ := b.sender.counts(); tries != 0 || len(b.finder.jobs) != 2 {
		t.Errorf("%d mails, %d look-ups; want 0 and 2", tries, len(b.finder.jobs))
	}
	if strings.Contains(b.log.String(), customer) {
		t.Errorf("the log holds an address:\n%s", b.log)
	}
}

func TestLogNamesDeliveryAndCaseAndNoAddress(t *testing.T) {
	b := newBench(t)
	b.sender.answer = func(_ context.Context, m recovery.Message) error {
		switch m.DeliveryID {
		case "raw":
			return errors.New("cannot reach " + customer)
		case "sorted":
			return &recovery.SendError{Permanent: true, Err: errors.New("550 5.1.1")}
		}
		return nil
	}
	b.queue.add(proof("raw"), proof("sorted"), proof("fine"))
	b.flush(t)
	log := b.log.String()
	for _, want := range []string{"delivery=fine", "delivery=sorted", "LK-7F3K-92QD", "kind=prove", "class=permanent", "5.1.1"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if strings.Contains(log, customer) {
		t.Errorf("the log holds an address:\n%s", log)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	_, err := outbox.New(outbox.Config{Lease: time.Second})
	if err == nil {
		t.Fatal("New accepted an empty Config")
	}
	for _, want := range []string{"Queue", "Sender", "Composer", "Finder", "Now", "Lease"} {
		if !strings.Contains(err.Error(), "Config."+want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

// Every line about a mail names its address by the keyed hash, whichever row that stands in.
func TestLogLinesNameTheAddressByItsHash(t *testing.T) {
	b := newBench(t)
	b.sender.answer = func(_ context.Context, m recovery.Message) error {
		if m.DeliveryID == "proof" {
			return nil
		}
		return &recovery.SendError{Permanent: true, Err: errors.New("no")}
	}
	hash := map[string]string{}
	add := func(id string, job recovery.Job) {
		hash[id] = "hash-of-" + id
		b.queue.add(job)
	}
	add("proof", with(proof("proof"), func(j *recovery.Job) { j.Challenge.AddressHash = "hash-of-proof" }))
	add("aside", with(notice("aside"), func(j *recovery.Job) { j.Aside.AddressHash = "hash-of-aside" }))
	add("copy", with(notice("copy"), func(j *recovery.Job) {
		j.Delivery.Kind, j.Aside = recovery.KindHandedOff, nil
		j.HandOff = &recovery.HandOff{AddressHash: "hash-of-copy"}
	}))
	add("blind", with(notice("blind"), func(j *recovery.Job) {
		j.Delivery.Kind, j.Aside = recovery.KindOtherAddress, nil
		j.Notice = &recovery.OtherNotice{AddressHash: "hash-of-blind"}
	}))
	b.flush(t)
	for id, want := range hash {
		if !strings.Contains(b.log.String(), "delivery="+id+" case=LK-7F3K-92QD address="+want+" ") {
			t.Errorf("no line of %s has address=%s:\n%s", id, want, b.log)
		}
	}
}
