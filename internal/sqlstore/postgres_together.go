package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"time"
)

// together lets functions that come close together share one transaction: its begin, its commit, the wait for the
// disk and each round trip. One group runs at a time; whoever comes meanwhile is of the next.
type together struct {
	p       *postgres
	seats   *sql.DB // see seat
	mu      sync.Mutex
	waiting []*member
	running bool // there is somebody who takes those that wait
}

const (
	// maxTogether bounds what a group keeps in memory, and what is run again where it is lost.
	maxTogether = 64
	// triesTogether is how often a function is run in groups that are lost by another's fault.
	triesTogether = 2
	// connectionWait is how long a group waits for a connection. All that come wait with it; alone, each gives up
	// what does not answer for itself.
	connectionWait = 2 * time.Second
)

func newTogether(p *postgres) *together {
	t := &together{p: p, seats: sql.OpenDB(seats{})}
	t.seats.SetMaxIdleConns(maxTogether)
	return t
}

func (t *together) close() error { return t.seats.Close() }

// update runs fn in a group, and alone where that was lost: at once if another try could end in the same way.
func (t *together) update(ctx context.Context, counters [2]string, fn func(*txConn) error) error {
	for range triesTogether {
		m, err := t.join(ctx, counters)
		if err != nil {
			return err
		}
		err = m.run(fn)
		switch {
		case m.gaveUp:
			return err
		case m.group.panicked != nil:
			panic(m.group.panicked)
		case !m.group.lost:
			return m.group.unknown
		case m.alone:
			return t.p.update(ctx, fn)
		}
	}
	return t.p.update(ctx, fn)
}

// join waits for a group. A context that ends first leaves the queue.
func (t *together) join(ctx context.Context, counters [2]string) (*member, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := newMember(t.seats, counters)
	t.enter(m)
	select {
	case <-m.begun:
		return m, nil
	case <-ctx.Done():
	}
	if t.leave(m) {
		return nil, ctx.Err()
	}
	<-m.begun
	return m, nil
}

func (t *together) enter(m *member) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = append(t.waiting, m)
	if !t.running {
		t.running = true
		go t.run()
	}
}

// leave reports whether m was still waiting.
func (t *together) leave(m *member) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.waiting)
	t.waiting = slices.DeleteFunc(t.waiting, func(other *member) bool { return other == m })
	return len(t.waiting) < before
}

// run takes one group after another until nobody waits. Who waits for a connection may still leave.
func (t *together) run() {
	for t.more() {
		conn, err := t.connect()
		g := t.begin()
		if err != nil {
			g.part() // each learns by itself what is wrong with the server
			continue
		}
		g.open()
		g.conduct(t.p, conn)
		_ = conn.Close()
	}
}

func (t *together) connect() (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectionWait)
	defer cancel()
	return t.p.db.Conn(ctx)
}

func (t *together) more() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running = len(t.waiting) > 0
	return t.running
}

// begin makes a group of those that have waited longest. No two of it count in the same first counter: what one
// gives back because it was refused, the other would still find spent. In the second it may, and be refused where
// it would not be alone; never the other way round.
func (t *together) begin() *gathering {
	t.mu.Lock()
	defer t.mu.Unlock()
	var now, later []*member
	counted := map[string]bool{}
	for _, m := range t.waiting {
		if len(now) == maxTogether || counted[m.counters[0]] {
			later = append(later, m)
			continue
		}
		counted[m.counters[0]] = true
		now = append(now, m)
	}
	t.waiting = later
	return newGathering(now)
}
