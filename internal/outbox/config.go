package outbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"runtime"
	"time"

	"latchkey/internal/recovery"
)

// Composer renders the mail of a job. It does no I/O. An error is worth another attempt later.
type Composer interface {
	Compose(job recovery.Job) (recovery.Message, error)
}

// Finder runs find-other jobs, which send nothing themselves (R2).
type Finder interface {
	FindOthers(ctx context.Context, job recovery.Job) error
}

// Config is what an Outbox works with. Queue, Sender, Composer, Finder and Now are required; every other
// field has a default.
type Config struct {
	Queue    recovery.Queue
	Sender   recovery.Sender
	Composer Composer
	Finder   Finder
	Now      func() time.Time
	Log      *slog.Logger
	Metrics  Metrics

	// Channel is whose deliveries are sent. Default: mail.
	Channel recovery.Channel
	// Name tells this worker's leases from those of other processes. A fixed one, for a process that is
	// alone on its database, gets back at once what it held when it was killed. Default: random.
	Name string
	// Workers is how many sends run at once. Default 48.
	Workers int
	// Composing is how many mails are rendered at once. Default half the processors: when mails that waited
	// go out all at once, customers' pages come as before.
	Composing int
	// InHand is how many deliveries are leased at once. Default four a worker.
	InHand int
	// Poll is how often the queue is looked at when nobody called Wake. Default 500 ms.
	Poll time.Duration
	// Gather is how long the first of what is queued, or of what is to be recorded, waits for others: a batch
	// costs hardly more than one. Default 10 ms.
	Gather time.Duration
	// Busy reports whether customers wait for pages, which come first: while it does, a batch is leased every
	// Yield only. nil: never.
	Busy func() bool
	// Yield is the longest that mail waits for pages. Default 500 ms, so that with the default InHand some 380
	// mails a second go out however busy the pages are: more than the 278 of a million an hour.
	Yield time.Duration
	// SendTimeout bounds one send. Default 10 s.
	SendTimeout time.Duration
	// Lease is how long a delivery is held; longer than SendTimeout. After kill -9 its mail goes out
	// when the lease lapses, which has to be within 30 s. Default 20 s.
	Lease time.Duration
	// GiveUp is how long a delivery that carries no challenge is tried; one that Lasts is tried for ever.
	// Default 48 h.
	GiveUp time.Duration
	// Rand gives jitter in [0,1). Default: math/rand.
	Rand func() float64
}

// check names every field that is missing or makes no sense.
func (c Config) check() error {
	var errs []error
	for name, missing := range map[string]bool{
		"Queue": c.Queue == nil, "Sender": c.Sender == nil, "Composer": c.Composer == nil,
		"Finder": c.Finder == nil, "Now": c.Now == nil,
	} {
		if missing {
			errs = append(errs, errors.New("outbox: Config."+name+" is required"))
		}
	}
	if c.Lease <= c.SendTimeout {
		errs = append(errs, errors.New("outbox: Config.Lease must be longer than Config.SendTimeout"))
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	orDefault(&c.Workers, 48)
	orDefault(&c.Composing, max(1, runtime.GOMAXPROCS(0)/2))
	orDefault(&c.InHand, 4*c.Workers)
	orDefault(&c.Poll, 500*time.Millisecond)
	orDefault(&c.Gather, 10*time.Millisecond)
	orDefault(&c.Yield, 500*time.Millisecond)
	orDefault(&c.SendTimeout, 10*time.Second)
	orDefault(&c.Lease, 20*time.Second)
	orDefault(&c.GiveUp, 48*time.Hour)
	if c.Channel == "" {
		c.Channel = recovery.ChannelMail
	}
	if c.Name == "" {
		c.Name = randomName()
	}
	if c.Rand == nil {
		c.Rand = mathrand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = noMetrics{}
	}
	return c
}

func orDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return "outbox-" + hex.EncodeToString(b[:])
}
