package sqlstore

import (
	"context"
	"slices"
	"sync"
	"time"

	"latchkey/internal/recovery"
)

// together lets functions that come close together share one transaction: its begin, its commit, the wait for the
// disk and each round trip. One group runs at a time; whoever comes meanwhile is of the next.
type together struct {
	p    *postgres
	lone chan struct{} // holds as many as run alone

	connecting context.Context // ends when it is closed and nobody waits
	connected  func()          // ends it

	mu        sync.Mutex
	waiting   []*member
	conductor *conductor // who takes those that wait; nil where nobody does
	closed    bool
	running   sync.WaitGroup // functions that have come, and conductors
}

// conductor takes one group after another until nobody waits, or until another has taken over.
type conductor struct{ t *together }

const (
	// maxTogether bounds what a group keeps in memory, and what is run again where it is lost.
	maxTogether = 64
	// triesTogether is how often a function is run in groups that are lost by another's fault.
	triesTogether = 2
	// stuckAfter is how long those that wait are kept waiting by one group: by then its server has most likely
	// gone silent, and they are to have another connection.
	stuckAfter = time.Second
)

func newTogether(p *postgres) *together {
	t := &together{p: p, lone: make(chan struct{}, max(1, p.db.Stats().MaxOpenConnections/2))}
	t.connecting, t.connected = context.WithCancel(context.Background())
	return t
}

// close lets those that have come finish, and nobody else come.
func (t *together) close() {
	t.mu.Lock()
	t.closed = true
	t.endConnecting()
	t.mu.Unlock()
	t.running.Wait()
}

// endConnecting has no conductor wait for a connection that nobody needs any more; t.mu is held. Who comes to need
// one later is run alone.
func (t *together) endConnecting() {
	if t.closed && len(t.waiting) == 0 {
		t.connected()
	}
}

// update runs fn in a group, and alone where that was lost: at once if another try could end in the same way.
func (t *together) update(ctx context.Context, shared recovery.Shared, fn func(*txConn) error) error {
	if err := t.come(); err != nil {
		return err
	}
	defer t.running.Done()
	for range triesTogether {
		if err := ctx.Err(); err != nil {
			return err
		}
		m := t.newMember(ctx, shared)
		err := m.run(fn)
		switch {
		case m.gaveUp:
			return err
		case m.panicked != nil:
			panic(m.panicked)
		case !m.lost:
			return m.err
		case m.alone:
			return t.alone(ctx, fn)
		}
	}
	return t.alone(ctx, fn)
}

// come lets a function in.
func (t *together) come() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return errClosed
	}
	t.running.Add(1)
	return nil
}

// alone runs what could not be run in a group. It may be waiting for long for what another transaction holds: half
// of the connections remain for everybody else.
func (t *together) alone(ctx context.Context, fn func(*txConn) error) error {
	select {
	case t.lone <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t.lone }()
	return t.p.update(ctx, fn)
}

// enter has m wait for a group.
func (t *together) enter(m *member) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = append(t.waiting, m)
	if t.conductor == nil {
		t.appoint()
	}
}

// leave reports whether m was still waiting.
func (t *together) leave(m *member) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.waiting)
	t.waiting = slices.DeleteFunc(t.waiting, func(other *member) bool { return other == m })
	t.endConnecting()
	return len(t.waiting) < before
}

func (t *together) appoint() {
	t.conductor = &conductor{t}
	t.running.Go(t.conductor.run)
}

// run takes the groups.
func (c *conductor) run() {
	for c.more() {
		c.next()
	}
}

// next runs one group. Who waits until there is a connection for it may still leave. Should the group get stuck,
// others need not wait for it.
func (c *conductor) next() {
	conn, err := c.t.p.db.Conn(c.t.connecting)
	g := c.t.begin()
	if err != nil {
		g.part() // each learns by itself what is wrong with the server
		return
	}
	defer func() { _ = conn.Close() }()
	defer time.AfterFunc(stuckAfter, c.yield).Stop()
	g.conduct(c.t.p, conn)
}

// more reports whether c is to go on.
func (c *conductor) more() bool {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	if c.t.conductor != c {
		return false
	}
	if len(c.t.waiting) == 0 {
		c.t.conductor = nil
	}
	return c.t.conductor == c
}

// yield lets another take over from c, which ends after its group.
func (c *conductor) yield() {
	c.t.mu.Lock()
	defer c.t.mu.Unlock()
	if c.t.conductor != c {
		return
	}
	c.t.conductor = nil
	if len(c.t.waiting) > 0 {
		c.t.appoint()
	}
}

// begin makes a group of those that have waited longest. No two of it make the same session, or count in the same
// first counter: what one gives back because it was refused, the other would still find spent. In the second, and
// in what all count aside, it may: of those that come at once, close to the limit, one may be refused for what
// another gives back; never is one kept that would be refused alone.
func (t *together) begin() *gathering {
	t.mu.Lock()
	defer t.mu.Unlock()
	var now, later []*member
	counters, sessions := map[string]bool{}, map[string]bool{"": false}
	for _, m := range t.waiting {
		counter, session := m.shared.Counters[0], m.shared.Session
		if len(now) == maxTogether || counters[counter] || sessions[session] {
			later = append(later, m)
			continue
		}
		counters[counter], sessions[session] = true, session != ""
		now = append(now, m)
	}
	t.waiting = later
	return newGathering(now)
}
