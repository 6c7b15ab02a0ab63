package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"latchkey/internal/recovery"
)

// shortLocks keeps a group from waiting long for a lock that another transaction holds: that concerns one of its
// members, and all of them wait. Alone each waits as long as any other transaction.
const shortLocks = `SELECT set_config('lock_timeout', '500ms', true)`

// lockCounters holds counters before anything of them is touched. A transaction alone locks its two in the
// order in which it counts (queries/limits.sql); a group that locks all first ones, in their order, and then
// all second ones never waits for the counters of one that waits for its own.
const lockCounters = `SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name`

// heldCounters holds those counters that nobody else does, and returns the others.
const heldCounters = `SELECT name FROM unnest($1::text[]) AS name
WHERE NOT pg_try_advisory_xact_lock(hashtextextended(name, 0))`

// takenSessions returns which sessions have a row, be it one that has expired.
const takenSessions = `SELECT id_hash FROM sessions WHERE id_hash = ANY($1::text[])`

// hold begins the group's transaction with the locks that it needs, and dismisses who cannot be of it, so that
// nobody else is run again for them: those whose session has a row are told so, and where another transaction
// does not let go of a counter, those that count in it are run alone.
func (g *gathering) hold(s *pgStatements) error {
	s.waiting.Queue(shortLocks)
	s.waiting.Queue(lockCounters, g.counters())
	err := g.dismissTaken(s)
	if !lockNotAvailable(err) {
		return err
	}
	s.again()
	s.waiting.Queue(shortLocks)
	held, err := s.texts(heldCounters, g.counters())
	if err != nil {
		return err
	}
	g.dismiss(nil, func(m *member) bool {
		return slices.Contains(held, m.shared.Counters[0]) || slices.Contains(held, m.shared.Counters[1])
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

func (g *gathering) counters() []string {
	var names []string
	for i := range 2 {
		var nth []string
		for _, m := range g.members {
			nth = append(nth, m.shared.Counters[i])
		}
		slices.Sort(nth)
		names = append(names, slices.Compact(nth)...)
	}
	return names
}

func (g *gathering) sessions() []string {
	ids := make([]string, len(g.members))
	for i, m := range g.members {
		ids[i] = m.shared.Session
	}
	return ids
}

// texts runs a query, after what waits, and returns its one column.
func (s *pgStatements) texts(query string, args ...any) (texts []string, err error) {
	rows, err := s.QueryContext(context.Background(), query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

func lockNotAvailable(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "55P03"
}
