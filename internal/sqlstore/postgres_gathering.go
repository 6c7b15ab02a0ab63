package sqlstore

import (
	"database/sql"
	"slices"

	"latchkey/internal/fault"
)

// gathering is functions that share a transaction. Each runs in the goroutine of who asked for it, and has come to
// something that it has to know, or to its end, before it is of the group. Whenever every one of them has, what they
// want said goes in one round trip.
type gathering struct {
	members []*member
	steps   chan *member // those that have come to their next step
	ending
}

// ending is what becomes of the members of a group. Nothing is set where all that they said was kept.
type ending struct {
	lost     bool         // nothing was kept, and it is to be run again
	err      error        // what they are told else: whether it was kept is not known
	panicked *fault.Panic // of what runs the group, and not of a member
}

func newGathering(members []*member) *gathering {
	g := &gathering{members: members, steps: make(chan *member, len(members))}
	for _, m := range members {
		m.group = g
	}
	return g
}

// dismiss takes members out of a group whose members do not run. They are told err, or run alone where it is nil.
func (g *gathering) dismiss(err error, who func(*member) bool) {
	var stay []*member
	for _, m := range g.members {
		if !who(m) {
			stay = append(stay, m)
			continue
		}
		m.alone = true
		m.end(ending{err: err, lost: err == nil})
	}
	g.members = stay
}

// part runs each alone.
func (g *gathering) part() { g.dismiss(nil, func(*member) bool { return true }) }

// conduct takes the group through its transaction.
func (g *gathering) conduct(p *postgres, conn *sql.Conn) {
	defer func() {
		g.panicked = fault.Caught(recover())
		for _, m := range g.members {
			m.end(g.ending)
		}
	}()
	if len(g.members) == 0 {
		return
	}
	s, kept := newPGStatements(conn, p, shortLocks), false
	defer func() {
		if !kept {
			s.rollback()
		}
	}()
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
	if len(g.members) > 1 { // what happens to one concerns nobody else
		heard, err := g.hold(s)
		switch {
		case err != nil:
			g.part()
			return nil, false
		case g.lost, heard && !g.step(g.answer()):
			return nil, false
		}
		said = nil
	}
	for {
		said = g.say(s, said)
		if !slices.ContainsFunc(g.members, func(m *member) bool { return m.asking }) {
			return said, true
		}
		if err := s.ask(said); err != nil {
			g.lose(s, said)
			return nil, false
		}
		said = said[:0]
		if !g.step(g.answer()) {
			return nil, false
		}
	}
}

// step waits until each of those that run has come to a step. What one has said that gave up cannot be taken back:
// then the group is lost, and ok is false.
func (g *gathering) step(running int) (ok bool) {
	for range running {
		m := <-g.steps
		g.lost = g.lost || m.gaveUp
	}
	return !g.lost
}

// answer lets those go on that ask, and returns how many they are.
func (g *gathering) answer() (running int) {
	for _, m := range g.members {
		if m.asking {
			m.asking = false
			m.answered <- struct{}{}
			running++
		}
	}
	return running
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
	for _, m := range g.members {
		m.alone = true
	}
}

// say takes what all of them want said, each in its own order, to what waits.
func (g *gathering) say(s *pgStatements, said []*saying) []*saying {
	for _, m := range g.members {
		for _, w := range m.waiting {
			s.waiting.Queue(s.p.variants.of(w.query), w.args...)
		}
		said = append(said, m.waiting...)
		m.waiting = nil
	}
	return said
}
