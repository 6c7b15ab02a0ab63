package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"latchkey/internal/sqlstore/queries"
)

// variant is what a query says on PostgreSQL alone; see queries/queue.sql.
var variant = regexp.MustCompile(`/\* postgres: (.*?) \*/`)

// variants are the queries as PostgreSQL gets them, by their text.
type variants struct{ texts sync.Map }

func (v *variants) of(query string) string {
	if text, ok := v.texts.Load(query); ok {
		return text.(string)
	}
	text := variant.ReplaceAllString(query, "$1")
	v.texts.Store(query, text)
	return text
}

// pgLookups reads outside any transaction. A customer who has left does not interrupt the statement: that
// would cost the connection. A server that has gone silent is waited for as long as the request has, and no longer:
// every look-up may be the first to find out, one connection after another.
type pgLookups struct{ db *sql.DB }

// inTime is ctx that ends with its time and not when it is cancelled, unless it is over. It costs no timer of its own.
func inTime(ctx context.Context) context.Context {
	if _, timed := ctx.Deadline(); ctx.Err() != nil || !timed {
		return whole(ctx)
	}
	lasting, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			end()
		}
	})
	return timed{lasting}
}

// timed is a context that ends when its time is over, and says so.
type timed struct{ context.Context }

func (t timed) Err() error {
	if t.Context.Err() == nil {
		return nil
	}
	return context.DeadlineExceeded
}

var _ queries.DBTX = pgLookups{}

func (l pgLookups) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return l.db.ExecContext(inTime(ctx), query, storable(args)...)
}

func (l pgLookups) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return l.db.PrepareContext(inTime(ctx), query)
}

func (l pgLookups) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.db.QueryContext(inTime(ctx), query, storable(args)...)
}

func (l pgLookups) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.db.QueryRowContext(inTime(ctx), query, storable(args)...)
}

// pgStatements runs the statements of one transaction. Those whose result nobody looks at wait and go with
// the next that is needed, so that a transaction of a dozen writes is a few round trips. An error of theirs
// shows there. The first error is kept: from then on PostgreSQL refuses all others, and why is what counts.
type pgStatements struct {
	conn     *sql.Conn
	p        *postgres
	opening  []string   // what each transaction on it begins with
	waiting  *pgx.Batch // its first are those
	begun    bool
	wrote    bool
	failed   error
	answered int // how many of the last batch were
}

var _ queries.DBTX = (*pgStatements)(nil)

func newPGStatements(conn *sql.Conn, p *postgres, settings ...string) *pgStatements {
	s := &pgStatements{
		conn: conn, p: p,
		opening: append([]string{"begin isolation level read committed"}, settings...),
	}
	s.begin()
	return s
}

func (s *pgStatements) begin() {
	s.waiting = &pgx.Batch{}
	for _, statement := range s.opening {
		s.waiting.Queue(statement)
	}
}

// idle reports whether nothing was to be done so far.
func (s *pgStatements) idle() bool { return !s.begun && s.waiting.Len() == len(s.opening) }

// again rolls back what failed and begins anew.
func (s *pgStatements) again() {
	s.rollback()
	s.begun, s.failed = false, nil
	s.begin()
}

// take is what waits, which is on its way from then on.
func (s *pgStatements) take() *pgx.Batch {
	batch := s.waiting
	s.waiting, s.begun, s.answered = &pgx.Batch{}, true, 0
	return batch
}

// ask sends what waits; said is which of it has an answer that somebody has to know. How many were answered is
// known where one failed.
func (s *pgStatements) ask(said []*saying) error {
	batch := s.take()
	err := s.conn.Raw(func(raw any) error {
		results := raw.(*stdlib.Conn).Conn().SendBatch(context.Background(), batch)
		for _, w := range said {
			if err := s.answer(results, w); err != nil {
				_ = results.Close() // says the same
				return err
			}
		}
		return results.Close()
	})
	s.note(err)
	return err
}

func (s *pgStatements) answer(results pgx.BatchResults, w *saying) (err error) {
	if w != nil && w.asked {
		err = w.keep(results)
		s.wrote = s.wrote || writes(w.query) || w.touched > 0
	} else {
		var tag pgconn.CommandTag
		tag, err = results.Exec()
		s.wrote = s.wrote || tag.RowsAffected() > 0
	}
	if err == nil {
		s.answered++
	}
	return err
}

// rows runs a query and before it, in the same round trip, what waits.
func (s *pgStatements) rows(ctx context.Context, query string, args []any) (*saying, error) {
	if err := cmp.Or(ctx.Err(), s.failed); err != nil {
		return nil, err
	}
	w := &saying{query: query, asked: true}
	said := append(make([]*saying, s.waiting.Len()), w)
	s.waiting.Queue(s.p.variants.of(query), args...)
	return w, s.ask(said)
}

func (s *pgStatements) note(err error) {
	if s.failed == nil && err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		s.failed = err
	}
}

// sureOfRow is the key under which a statement's context says that it will find its row.
type sureOfRow struct{}

// certainly is ctx for a statement that is certain to find its row, since this transaction holds that already.
func certainly(ctx context.Context) context.Context { return context.WithValue(ctx, sureOfRow{}, true) }

// mayWait reports whether nobody has to look at what comes of a query: sqlc calls it :exec, or it is certain.
func mayWait(ctx context.Context, query string) bool {
	name, _, _ := strings.Cut(query, "\n")
	return strings.HasSuffix(name, " :exec") || ctx.Value(sureOfRow{}) != nil
}

// ExecContext lets a query wait that may.
func (s *pgStatements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := cmp.Or(ctx.Err(), s.failed); err != nil {
		return nil, err
	}
	if args = storable(args); mayWait(ctx, query) && s.waiting.Len() < maxWaiting {
		s.waiting.Queue(s.p.variants.of(query), args...)
		return driver.RowsAffected(1), nil
	}
	w, err := s.rows(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(w.touched), nil
}

// maxWaiting bounds what a transaction keeps in memory.
const maxWaiting = 100

// PrepareContext is part of queries.DBTX; connections prepare what they run by themselves.
func (s *pgStatements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return s.conn.PrepareContext(ctx, s.p.variants.of(query))
}

// QueryContext runs a query, after what waits.
func (s *pgStatements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.p.seats.QueryContext(s.within(ctx), query, storable(args)...)
}

// QueryRowContext runs a query that returns one row, after what waits.
func (s *pgStatements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.p.seats.QueryRowContext(s.within(ctx), query, storable(args)...)
}

func (s *pgStatements) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, inTransaction{}, s)
}

// rollback leaves the connection as it was found. Where that fails the pool gives the connection up, as it does all
// to a server that takes no writes any more: the next may be to the one that took over.
func (s *pgStatements) rollback() {
	if takesNoWrites(s.failed) {
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
		s.p.forget()
		return
	}
	if s.begun {
		_, _ = s.conn.ExecContext(context.Background(), "rollback")
	}
}

// readOnly is what PostgreSQL says to a write where it takes none: read_only_sql_transaction.
const readOnly = "25006"

func takesNoWrites(err error) bool { return sqlState(err) == readOnly }

// writes reports whether a statement that returns rows also changes some.
func writes(query string) bool { return strings.Contains(query, "RETURNING") }
