package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

// queue is recovery.Queue in memory, as its contract says.
type queue struct {
	mu         sync.Mutex
	jobs       []*recovery.Job
	lapse      map[string]time.Time
	finishFail int // that many calls of Finish fail first
	away       bool
}

func (q *queue) add(jobs ...recovery.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range jobs {
		q.jobs = append(q.jobs, &j)
	}
}

func (q *queue) Lease(_ context.Context, channel recovery.Channel, worker string, now, until time.Time, n int) ([]recovery.Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return nil, errors.New("away")
	}
	var due []*recovery.Job
	for _, j := range q.jobs {
		held := j.Delivery.LeasedBy != "" && now.Before(q.lapse[j.Delivery.ID])
		if j.Delivery.Kind.Channel() == channel && j.Delivery.State == recovery.StateQueued && !j.Delivery.DueAt.After(now) && !held {
			due = append(due, j)
		}
	}
	slices.SortStableFunc(due, func(a, b *recovery.Job) int { return a.Delivery.DueAt.Compare(b.Delivery.DueAt) })
	var out []recovery.Job
	for _, j := range due[:min(n, len(due))] {
		j.Delivery.LeasedBy = worker
		j.Delivery.Attempts++
		q.setLapse(j.Delivery.ID, until)
		out = append(out, *j)
	}
	return out, nil
}

func (q *queue) setLapse(id string, until time.Time) {
	if q.lapse == nil {
		q.lapse = map[string]time.Time{}
	}
	q.lapse[id] = until
}

func (q *queue) Finish(ctx context.Context, worker string, now time.Time, results map[string]recovery.Result) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if q.finishFail > 0 {
		q.finishFail--
		return errors.New("database is away")
	}
	for _, j := range q.jobs {
		r, ok := results[j.Delivery.ID]
		if !ok || j.Delivery.LeasedBy != worker {
			continue
		}
		d := &j.Delivery
		d.State, d.Reason, d.ProviderID, d.LeasedBy, d.ChangedAt = r.State, r.Reason, r.ProviderID, "", now
		d.DueAt = r.DueAt
	}
	return nil
}

func (q *queue) Release(_ context.Context, worker string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if j.Delivery.LeasedBy == worker {
			j.Delivery.LeasedBy = ""
		}
	}
	return nil
}

func (q *queue) all() []recovery.Delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []recovery.Delivery
	for _, j := range q.jobs {
		out = append(out, j.Delivery)
	}
	return out
}

// leases is how often anything was leased so far.
func (q *queue) leases() (n int) {
	for _, d := range q.all() {
		n += d.Attempts
	}
	return n
}

func (q *queue) lapses(id string) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lapse[id]
}

func (q *queue) get(t *testing.T, id string) recovery.Delivery {
	t.Helper()
	for _, d := range q.all() {
		if d.ID == id {
			return d
		}
	}
	t.Fatalf("no delivery %q", id)
	return recovery.Delivery{}
}

// sender records what it is given and answers as told.
type sender struct {
	mu     sync.Mutex
	sent   []recovery.Message // taken
	tries  int
	under  int // sends under way
	most   int // the most there were at once
	answer func(ctx context.Context, m recovery.Message) error
}

func (s *sender) Send(ctx context.Context, m recovery.Message) (string, error) {
	s.mu.Lock()
	s.tries++
	s.under++
	s.most = max(s.most, s.under)
	s.mu.Unlock()
	var err error
	if s.answer != nil {
		err = s.answer(ctx, m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under--
	if err != nil {
		return "", err
	}
	s.sent = append(s.sent, m)
	return "provider-" + m.DeliveryID, nil
}

func (s *sender) counts() (sent, tries, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent), s.tries, s.most
}

func (s *sender) ids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, m := range s.sent {
		out = append(out, m.DeliveryID)
	}
	slices.Sort(out)
	return out
}

// composer writes the bare minimum, or fails as told.
type composer struct{ fail func(job recovery.Job) error }

func (c composer) Compose(job recovery.Job) (recovery.Message, error) {
	if c.fail != nil {
		if err := c.fail(job); err != nil {
			return recovery.Message{}, err
		}
	}
	return recovery.Message{DeliveryID: job.Delivery.ID, Kind: job.Delivery.Kind, To: customer}, nil
}

type finder struct {
	jobs []string
	err  error
}

func (f *finder) FindOthers(_ context.Context, job recovery.Job) error {
	f.jobs = append(f.jobs, job.Delivery.ID)
	return f.err
}

// metrics remembers the classes and times it was told.
type metrics struct {
	mu      sync.Mutex
	waits   []time.Duration
	classes []outbox.Class
}

func (m *metrics) MailSent(_ recovery.Kind, since time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waits = append(m.waits, since)
}

func (m *metrics) MailFailed(_ recovery.Kind, class outbox.Class) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.classes = append(m.classes, class)
}

const customer = "ann.customer@example.com"

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// bench is an outbox with fakes around it and a clock that stands still.
type bench struct {
	*outbox.Outbox
	queue   *queue
	sender  *sender
	finder  *finder
	metrics *metrics
	log     *bytes.Buffer
	now     time.Time
}

func newBench(t *testing.T, change ...func(*outbox.Config)) *bench {
	t.Helper()
	b := &bench{
		queue: &queue{}, sender: &sender{}, finder: &finder{}, metrics: &metrics{}, log: &bytes.Buffer{}, now: start,
	}
	c := outbox.Config{
		Queue: b.queue, Sender: b.sender, Composer: composer{}, Finder: b.finder, Metrics: b.metrics,
		Now:  func() time.Time { return b.now },
		Log:  slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Name: "worker", Rand: func() float64 { return 0.5 },
	}
	for _, f := range change {
		f(&c)
	}
	o, err := outbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	b.Outbox = o
	return b
}

func (b *bench) flush(t *testing.T) {
	t.Helper()
	if err := b.Flush(t.Context()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

// proof is a queued proof mail, created at start, whose challenge lives for 15 minutes.
func proof(id string) recovery.Job { return proofAt(id, start) }

func proofAt(id string, at time.Time) recovery.Job {
	return recovery.Job{
		Delivery: recovery.Delivery{
			ID: id, Kind: recovery.KindProve, ChallengeID: "c-" + id, State: recovery.StateQueued,
			CreatedAt: at, DueAt: at,
		},
		Case: recovery.Case{ID: "case", Reference: "LK-7F3K-92QD", Address: customer, Browser: "Firefox on Linux"},
		Challenge: &recovery.Challenge{
			ID: "c-" + id, Purpose: recovery.PurposeProve, Address: customer, CreatedAt: at,
			ExpiresAt: at.Add(15 * time.Minute),
		},
	}
}

// notice is a queued mail without a challenge of its own.
func notice(id string) recovery.Job {
	j := proof(id)
	j.Delivery.Kind, j.Delivery.ChallengeID = recovery.KindSignedIn, ""
	j.Aside, j.Challenge = j.Challenge, nil
	return j
}

func with(j recovery.Job, change func(*recovery.Job)) recovery.Job {
	change(&j)
	return j
}
