package sqlstore

import (
	"database/sql"
	"math/rand/v2"
	"slices"

	"latchkey/internal/fault"
)

// gathering is functions that share a transaction. Each runs in the goroutine of who asked for it. What they want
// said waits until every one of them has come to something that it has to know, or to its end; then all of it
// goes in one round trip.
type gathering struct {
	members []*member
	lot     uint32
	steps   chan step     // what members come to
	ended   chan struct{} // closed once it is certain what was kept, or that this cannot be known

	lost    bool  // nothing was kept
	unknown error // whether it was is not known

	panicked *fault.Panic // of what runs the group, and not of a member
}

func newGathering(members []*member) *gathering {
	g := &gathering{
		members: members, lot: rand.Uint32(), steps: make(chan step, len(members)), ended: make(chan struct{}),
	}
	for _, m := range members {
		m.group = g
	}
	return g
}

// open lets its members begin.
func (g *gathering) open() {
	for _, m := range g.members {
		close(m.begun)
	}
}

// part ends the group before any of them has begun: each is run alone.
func (g *gathering) part() {
	g.lost = true
	g.setAlone()
	close(g.ended)
	g.open()
}

// conduct takes the group through its transaction.
func (g *gathering) conduct(p *postgres, conn *sql.Conn) {
	defer func() {
		g.panicked = fault.Caught(recover())
		close(g.ended)
	}()
	if len(g.members) == 0 {
		return
	}
	s, kept := newPGStatements(conn, &p.variants), false
	defer func() {
		if !kept {
			s.rollback()
		}
	}()
	s.waiting.Queue(shortLocks)
	s.waiting.Queue(lockCounters, g.counters())
	said, ok := g.talk(s)
	if !ok {
		return
	}
	var f failure
	if f, kept = p.commit(s); f.cause != nil {
		g.lose(s, said)
	} else {
		g.unknown = f.err
	}
}

// talk runs the functions to their ends and returns what waits for the commit: of it nil is nobody's. Where the
// group is lost ok is false.
func (g *gathering) talk(s *pgStatements) (said []*saying, ok bool) {
	said = make([]*saying, s.waiting.Len())
	for running := len(g.members); running > 0; {
		asking, ok := g.step(running)
		if !ok {
			g.lost = true
			return nil, false
		}
		said = g.say(s, said)
		if running = len(asking); running == 0 {
			break
		}
		if err := s.ask(said); err != nil {
			g.lose(s, said)
			return nil, false
		}
		for _, m := range asking {
			m.answered <- struct{}{}
		}
		said = said[:0]
	}
	return said, true
}

// lose ends the group for all. Whose statement was refused is run alone from then on; where it was nobody's, all
// are.
func (g *gathering) lose(s *pgStatements, said []*saying) {
	g.lost = true
	if s.answered < len(said) && said[s.answered] != nil {
		said[s.answered].member.alone = true
		return
	}
	g.setAlone()
}

func (g *gathering) setAlone() {
	for _, m := range g.members {
		m.alone = true
	}
}

// step waits until each of those that run has come to a step, and returns who of them asks. One that gave up
// leaves nothing behind; ok is false where something of it has been said already.
func (g *gathering) step(running int) (asking []*member, ok bool) {
	ok = true
	for range running {
		switch st := <-g.steps; {
		case st.asks:
			asking = append(asking, st.member)
		case st.member.gaveUp:
			ok = ok && !st.member.said
			st.member.waiting = nil
		}
	}
	return asking, ok
}

// say takes what all of them want said, each in its own order, to what waits.
func (g *gathering) say(s *pgStatements, said []*saying) []*saying {
	for _, m := range g.members {
		for _, w := range m.waiting {
			s.waiting.Queue(s.variants.of(w.query), w.args...)
		}
		said = append(said, m.waiting...)
		m.said, m.waiting = m.said || len(m.waiting) > 0, nil
	}
	return said
}

// shortLocks keeps a group from waiting long for a lock that another transaction holds: that concerns one of its
// members, and all of them wait. Alone each waits as long as any other transaction. It also ends two groups that
// insert the sessions of the same two browsers in turn, which no order of counters keeps apart.
const shortLocks = `SELECT set_config('lock_timeout', '500ms', true)`

// lockCounters holds counters before anything of them is touched. A transaction alone locks its two in the
// order in which it counts (queries/limits.sql); a group that locks all first ones, in their order, and then
// all second ones never waits for the counters of one that waits for its own.
const lockCounters = `SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name`

func (g *gathering) counters() []string {
	var names []string
	for i := range 2 {
		var nth []string
		for _, m := range g.members {
			nth = append(nth, m.counters[i])
		}
		slices.Sort(nth)
		names = append(names, slices.Compact(nth)...)
	}
	return names
}
