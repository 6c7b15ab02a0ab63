package demo

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
)

// Config is what a demo customer portal needs.
type Config struct {
	DataDir string // holds portal.db; made if missing
	Token   string // the bearer token of the API
	// PublicURL is where browsers reach the portal, such as http://127.0.0.1:8082, without a slash at the
	// end. It is asked for when a one-time URL is made, so that the port may be chosen late.
	PublicURL func() string
	// LatchkeyURL is where "Can't sign in?" leads; nil leaves the link out.
	LatchkeyURL func() string
	// NoCustomers leaves the demo's own customers out, for a portal that is filled from a file.
	NoCustomers bool
	Now         func() time.Time
	// Inbox takes the portal's own mail; nil loses it.
	Inbox *Inbox
	// Mailed is told of each mail of the portal and of the identity provider: their mail service's log. It
	// may be nil.
	Mailed func(domain, to, subject string, at time.Time)
}

// Portal is the demo customer portal: the Customer Portal API and the vendor's pages.
type Portal struct {
	cfg   Config
	db    *sql.DB
	pages pages

	mu    sync.Mutex
	fault func(*http.Request) Fault
	calls map[string]int
	total atomic.Int64
	// closing ends calls that a fault lets hang.
	closing chan struct{}
	once    sync.Once
}

var _ recovery.MailLog = (*Portal)(nil)

// OpenPortal opens the portal in its data folder and writes the demo customers that are not there yet.
func OpenPortal(ctx context.Context, cfg Config) (*Portal, error) {
	switch {
	case cfg.Token == "":
		return nil, errors.New("demo: the portal needs a bearer token")
	case cfg.PublicURL == nil:
		return nil, errors.New("demo: the portal needs its public URL")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	db, err := openDB(ctx, cfg.DataDir, "portal.db", portalSchema)
	if err != nil {
		return nil, err
	}
	p := &Portal{cfg: cfg, db: db, pages: pages, calls: map[string]int{}, closing: make(chan struct{})}
	err = inTx(ctx, db, func(tx *sql.Tx) error {
		now := cfg.Now()
		if cfg.NoCustomers {
			return sweep(ctx, tx, now)
		}
		return errors.Join(seed(ctx, tx, now), seedMailLog(ctx, tx, now), sweep(ctx, tx, now))
	})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return p, nil
}

// Close closes the file. Calls that hang by a fault end.
func (p *Portal) Close() error {
	p.once.Do(func() { close(p.closing) })
	return p.db.Close()
}

// Handler serves the API below /v1 and the vendor's pages.
func (p *Portal) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", p.api())
	mux.Handle("/", p.web())
	return mux
}
