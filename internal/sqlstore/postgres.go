package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// postgres is the engine of a PostgreSQL server. One pool serves look-ups and transactions; a transaction
// has one connection and never asks for a second, so that it cannot wait for itself. Each connection keeps
// the statements it has prepared.
type postgres struct {
	db       *sql.DB
	size     int // how many connections db has at most
	config   *pgx.ConnConfig
	variants variants
	flushes  bool    // see flushStatement
	seats    *sql.DB // see seat
	together *together
}

var _ engine = (*postgres)(nil)

// The times that PostgreSQL gives a session, unless the URL says otherwise. A process that was stopped in
// the middle of a transaction must not hold up the others for longer than that.
var sessionTimes = map[string]string{
	"statement_timeout": "10s", "lock_timeout": "8s", "idle_in_transaction_session_timeout": "10s",
}

const syncParameter = "synchronous_commit"

const (
	connectTimeout = 5 * time.Second
	// answerTimeout is for a server that is gone without a word; one that lives keeps to sessionTimes. Requests end
	// soon after, at 12 s, and are to have their answer then.
	answerTimeout = 11 * time.Second
	// connections are made anew after a while, so that a server that has moved is found.
	connectionLife = 30 * time.Minute
)

func openPostgres(ctx context.Context, url string, o options) (*postgres, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil { // its text may repeat the URL
		return nil, errors.New("the PostgreSQL URL cannot be read: want postgres://USER:PASSWORD@HOST/DATABASE")
	}
	n, err := poolSize(config, o)
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	setDefault(config.RuntimeParams, "application_name", "latchkey")
	_, own := config.RuntimeParams[syncParameter] // who says how commits are kept is obeyed
	p := &postgres{
		config: config, size: n, flushes: !own, db: sql.OpenDB(stdlib.GetConnector(*served(config))), seats: sql.OpenDB(seats{}),
	}
	p.db.SetMaxOpenConns(n)
	p.db.SetMaxIdleConns(n)
	p.db.SetConnMaxLifetime(connectionLife)
	p.seats.SetMaxIdleConns(maxTogether)
	if err := p.db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot reach the database at %s: %w", p.where(), err), p.seats.Close(), p.db.Close())
	}
	p.together = newTogether(p)
	return p, nil
}

var errReadOnly = fmt.Errorf("%w: the server takes no writes", recovery.ErrStore)

func (p *postgres) ping(ctx context.Context) error {
	const question = `SELECT current_setting('transaction_read_only')::boolean FROM (SELECT COUNT(*) FROM stops WHERE false) AS tables`
	var readOnly bool
	err := p.lookups().QueryRowContext(ctx, question).Scan(&readOnly)
	if readOnly {
		err = errReadOnly
		p.forget()
	}
	return err
}

// full: only the server knows its disk.
func (p *postgres) full() bool { return false }

// forget gives up the connections that nobody uses just now.
func (p *postgres) forget() {
	p.db.SetMaxIdleConns(0)
	p.db.SetMaxIdleConns(p.size)
}

// PostgreSQL has 100 connections for everybody unless it is told otherwise, and where it has none left customers are
// turned away: three replicas, and a fourth that comes while one ends, have enough with mostConnections each, and one
// for a report. Starts share theirs, so that more would not be faster.
const (
	fewestConnections = 8
	mostConnections   = 23
)

// ownConnections is how many a process with that many processors has at most, by itself.
func ownConnections(processors int) int {
	return min(max(fewestConnections, 4*processors), mostConnections)
}

// poolSize takes pool_max_conns out of the URL's parameters, where others put it as well.
func poolSize(config *pgx.ConnConfig, o options) (int, error) {
	const name = "pool_max_conns"
	given, ok := config.RuntimeParams[name]
	delete(config.RuntimeParams, name)
	switch n, err := strconv.Atoi(given); {
	case o.connections > 0:
		return o.connections, nil
	case !ok:
		return ownConnections(runtime.GOMAXPROCS(0)), nil
	case err != nil || n < 1:
		return 0, fmt.Errorf("sqlstore: %s in the PostgreSQL URL is no number from 1 on", name)
	default:
		return n, nil
	}
}

// served is the configuration of connections for customers' requests, who wait only so long.
func served(config *pgx.ConnConfig) *pgx.ConnConfig {
	config = config.Copy()
	setDefault(config.RuntimeParams, syncParameter, "off")
	for name, value := range sessionTimes {
		setDefault(config.RuntimeParams, name, value)
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return impatient{conn}, nil
	}
	return config
}

func setDefault(params map[string]string, name, value string) {
	if _, ok := params[name]; !ok {
		params[name] = value
	}
}

// impatient is a connection to a server that is taken for dead when it says nothing for too long.
type impatient struct{ net.Conn }

func (c impatient) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// where names the server and the database, and no more.
func (p *postgres) where() string {
	return net.JoinHostPort(p.config.Host, strconv.Itoa(int(p.config.Port))) + "/" + p.config.Database
}

func (p *postgres) lookups() queries.DBTX { return pgLookups{p.db} }

// atLength has a connection of its own: those for customers are given up where nothing comes for some seconds.
func (p *postgres) atLength(ctx context.Context, fn func(queries.DBTX) error) error {
	var backend atomic.Uint32
	db := sql.OpenDB(stdlib.GetConnector(*p.config, stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
		backend.Store(conn.PgConn().PID())
		return nil
	})))
	db.SetMaxOpenConns(1)
	err := fn(db)
	if err != nil && ctx.Err() != nil {
		p.end(backend.Load())
	}
	return errors.Join(err, db.Close())
}

// end ends a backend whose client has left in the middle of a query. It would find that out when it has rows to send,
// and a request to cancel may come before there is anything to cancel. Where this fails as well, the query ends by itself.
func (p *postgres) end(backend uint32) {
	ctx, done := context.WithTimeout(context.Background(), connectTimeout)
	defer done()
	_, _ = p.db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "+
		"WHERE pid = $1 AND datname = current_database()", int64(backend))
}

func (p *postgres) locks() bool { return true }

// migrate gives migrations the time they need.
func (p *postgres) migrate(ctx context.Context) error {
	if upToDate(ctx, p.db) {
		return nil
	}
	db := stdlib.OpenDB(*p.config)
	db.SetMaxOpenConns(2) // one holds the lock, one migrates
	if err := migrateUp(ctx, db, goose.DialectPostgres, goose.WithSessionLocker(migrationLock{})); err != nil {
		return fmt.Errorf("cannot bring the database at %s up to date: %w", p.where(), err)
	}
	return nil
}

func (p *postgres) current(ctx context.Context) error {
	if !upToDate(ctx, p.db) {
		return notCurrent(p.where())
	}
	return nil
}

func (p *postgres) updateTogether(ctx context.Context, shared recovery.Shared, fn func(*txConn) error) error {
	return p.together.update(ctx, shared, fn)
}

func (p *postgres) close() error {
	p.together.close()
	return errors.Join(p.seats.Close(), p.db.Close())
}
