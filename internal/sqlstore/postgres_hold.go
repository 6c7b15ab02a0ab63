package sqlstore

import (
	"context"
	"slices"

	"latchkey/internal/recovery"
)

// shortLocks keeps a group from waiting long for what another transaction holds: that mostly concerns one of its
// members, and all of them wait, and whoever is of the next group. Alone each waits as long as any other transaction.
const shortLocks = `SELECT set_config('lock_timeout', '500ms', true)`

// lock_timeout is for each lock. The locks that a group begins with are waited for as briefly all together: they are
// one statement, whose time is shortLockAll until usualStatements.
const (
	shortLockAll    = `SELECT set_config('statement_timeout', '500ms', true)`
	usualStatements = `SET LOCAL statement_timeout TO DEFAULT`
)

// lockAll takes the locks of locks in their order, before anything is touched. A start alone takes the same
// ones with its statements: that of its session (queries/sessions.sql), then those of its two counters in the order
// in which it counts (queries/limits.sql), and last a row of what is counted aside. Since a group takes all of each
// kind in that order, it never waits for one that waits for it; but for two whose members are on both sides of the
// edge of a bucket, which count aside in two rows: those are run again.
const lockAll = `SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name`

// lockFree takes those locks that nobody else holds, and returns the others.
const lockFree = `SELECT name FROM unnest($1::text[]) AS name
WHERE NOT pg_try_advisory_xact_lock(hashtextextended(name, 0))`

// takenSessions returns which sessions have a row, be it one that has expired. Each is looked for by itself: asked
// for all at once, a server that has not analyzed the table yet reads the whole of it, however large it has become.
const takenSessions = `SELECT taken.id_hash FROM unnest($1::text[]) AS wanted (id_hash),
LATERAL (SELECT s.id_hash FROM sessions s WHERE s.id_hash = wanted.id_hash LIMIT 1) AS taken`

// hold begins the group's transaction with the locks that it needs, and in the same round trip says what its
// members want said first. Where somebody's statement is refused the group is lost. Where it does not come to that
// heard is false: then it has dismissed who cannot be of the group, so that nobody else is run again for them, and
// holds the locks of the others, of whom nothing has been said.
func (g *gathering) hold(s *pgStatements) (heard bool, err error) {
	first := make([][]*saying, len(g.members))
	for i, m := range g.members {
		first[i] = m.waiting
	}
	taken := &saying{asked: true}
	g.lock(s)
	s.waiting.Queue(takenSessions, g.sessions())
	held := s.waiting.Len()
	said := g.say(s, append(make([]*saying, held-1), taken))
	err = s.ask(said)
	if s.answered >= held && len(taken.rows) == 0 {
		if err != nil {
			g.lose(s, said)
		}
		return err == nil, nil
	}
	for i, m := range g.members {
		m.waiting = first[i]
	}
	return false, g.holdRest(s, err)
}

// lock takes all locks, or is refused after half a second.
func (g *gathering) lock(s *pgStatements) {
	s.waiting.Queue(shortLockAll)
	s.waiting.Queue(lockAll, g.locks())
	s.waiting.Queue(usualStatements)
}

// holdRest dismisses those whose session has a row, who are told so; and where another transaction does not let
// go of a session or counter, those that need it are run alone.
func (g *gathering) holdRest(s *pgStatements, err error) error {
	if !notInTime(err) {
		s.again()
		g.lock(s)
		err = g.dismissTaken(s)
	}
	if !notInTime(err) {
		return err
	}
	s.again()
	held, err := s.texts(lockFree, g.locks())
	if err != nil {
		return err
	}
	g.dismiss(nil, func(m *member) bool {
		needs := m.locks()
		return slices.ContainsFunc(needs[:], func(name string) bool { return slices.Contains(held, name) })
	})
	return g.dismissTaken(s)
}

func (g *gathering) dismissTaken(s *pgStatements) error {
	taken, err := s.texts(takenSessions, g.sessions())
	if err == nil {
		g.dismiss(recovery.ErrSessionTaken, func(m *member) bool { return slices.Contains(taken, m.shared.Session) })
	}
	return err
}

// locks are the names of the locks that a member needs, in the order in which it would take them alone; "" for
// none.
func (m *member) locks() [3]string {
	session := m.shared.Session
	if session != "" {
		session = "session:" + session
	}
	return [...]string{session, m.shared.Counters[0], m.shared.Counters[1]}
}

// locks are those of all members: first all sessions, then all first counters, then all second ones.
func (g *gathering) locks() []string {
	var kinds [3][]string
	for _, m := range g.members {
		for i, name := range m.locks() {
			if name != "" {
				kinds[i] = append(kinds[i], name)
			}
		}
	}
	for i := range kinds {
		slices.Sort(kinds[i])
		kinds[i] = slices.Compact(kinds[i])
	}
	return slices.Concat(kinds[:]...)
}

func (g *gathering) sessions() []string {
	ids := make([]string, len(g.members))
	for i, m := range g.members {
		ids[i] = m.shared.Session
	}
	return ids
}

// texts runs a query, after what waits, and returns its one column.
func (s *pgStatements) texts(query string, args ...any) ([]string, error) {
	return column[string](s.QueryContext(context.Background(), query, args...))
}

// notInTime reports whether a lock was not had (lock_not_available), or not all of them (query_canceled).
func notInTime(err error) bool { return sqlState(err) == "55P03" || sqlState(err) == "57014" }
