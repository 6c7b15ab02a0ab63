package sqlstore

import (
	"database/sql"

	"latchkey/internal/fault"
)

// gathering is functions that share a transaction. Each runs in the goroutine of who asked for it. What they want
// said waits until every one of them has come to something that it has to know, or to its end; then all of it
// goes in one round trip.
type gathering struct {
	members []*member
	steps   chan step     // what members come to
	ended   chan struct{} // closed once it is certain what was kept, or that this cannot be known

	opened bool
	lost   bool  // nothing was kept, and it is to be run again
	err    error // what all are told else: whether it was kept is not known

	panicked *fault.Panic // of what runs the group, and not of a member
}

func newGathering(members []*member) *gathering {
	g := &gathering{
		members: members, steps: make(chan step, len(members)), ended: make(chan struct{}),
	}
	for _, m := range members {
		m.group = g
	}
	return g
}

// open lets its members begin, once.
func (g *gathering) open() {
	if g.opened {
		return
	}
	g.opened = true
	for _, m := range g.members {
		close(m.begun)
	}
}

// dismiss takes members out of a group that has not begun. They are told err, or run alone where it is nil.
func (g *gathering) dismiss(err error, who func(*member) bool) {
	var stay, leave []*member
	for _, m := range g.members {
		if who(m) {
			leave = append(leave, m)
		} else {
			stay = append(stay, m)
		}
	}
	g.members = stay
	ended := newGathering(leave)
	ended.err, ended.lost = err, err == nil
	ended.setAlone()
	close(ended.ended)
	ended.open()
}

// part runs each alone.
func (g *gathering) part() { g.dismiss(nil, func(*member) bool { return true }) }

// conduct takes the group through its transaction.
func (g *gathering) conduct(p *postgres, conn *sql.Conn) {
	defer func() {
		g.panicked = fault.Caught(recover())
		close(g.ended)
		g.open()
	}()
	if len(g.members) == 0 {
		return
	}
	s, kept := newPGStatements(conn, &p.variants, shortLocks), false
	defer func() {
		if !kept {
			s.rollback()
		}
	}()
	if len(g.members) > 1 { // what happens to one concerns nobody else
		if err := g.hold(s); err != nil {
			g.part()
		}
	}
	if len(g.members) == 0 {
		return
	}
	g.open()
	said, ok := g.talk(s)
	if !ok {
		return
	}
	var f failure
	if f, kept = p.commit(s); f.cause != nil {
		g.lose(s, said)
	} else {
		g.err = f.err
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
// are. A session that has a row is told so where there is nobody else.
func (g *gathering) lose(s *pgStatements, said []*saying) {
	if err := taken(s.failed); err != nil && len(g.members) == 1 {
		g.err = err
		return
	}
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
