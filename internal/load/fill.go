package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fill puts cases into an empty database that has its tables: each with a challenge, a delivery and two
// entries of the audit trail; sessions and counters as many as live at a time. Past is how many of the cases
// are past their retention. What is unique is spread over all of its range, as what is random would be.
type Fill struct {
	Cases, Past int
	Now         time.Time
}

// engine is how a database says what is not said the same everywhere.
type engine struct {
	driver, before string
	hex            string // of a number, 16 digits
	indexes        string
	after          []string
}

var engines = map[bool]engine{
	false: {
		driver: "sqlite", hex: "printf('%%016x', %s)",
		before:  "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = FILE",
		indexes: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
		after:   []string{"PRAGMA wal_checkpoint(TRUNCATE)"},
	},
	true: {
		driver: "pgx", hex: "lpad(to_hex(CAST(%s AS BIGINT)), 16, '0')",
		before: "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'",
		indexes: `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
			AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace)`,
		after: []string{"ANALYZE"},
	},
}

// fillBatch is how many cases are inserted in one transaction.
const fillBatch = 200_000

// Run fills the database at a file's path or a PostgreSQL URL.
func (f Fill) Run(ctx context.Context, database string) error {
	e := engines[isPostgres(database)]
	db, err := sql.Open(e.driver, database)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for statement := range strings.SplitSeq(e.before, ";") {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	indexes, err := dropIndexes(ctx, db, e)
	if err != nil {
		return err
	}
	for from := 0; from < f.Cases; from += fillBatch {
		if err := f.batch(ctx, db, e, from, min(from+fillBatch, f.Cases)); err != nil {
			return err
		}
	}
	for _, statement := range append(indexes, e.after...) {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func isPostgres(database string) bool { return strings.HasPrefix(database, "postgres") }

// dropIndexes returns the statements that make them again: sorting once is far quicker than keeping order.
func dropIndexes(ctx context.Context, db *sql.DB, e engine) ([]string, error) {
	rows, err := db.QueryContext(ctx, e.indexes)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names, again []string
	for rows.Next() {
		var name, statement string
		if err := rows.Scan(&name, &statement); err != nil {
			return nil, err
		}
		names, again = append(names, name), append(again, statement)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := db.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return nil, err
		}
	}
	return again, nil
}

func (f Fill) batch(ctx context.Context, db *sql.DB, e engine, from, to int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, statement := range f.statements(e, from, to) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return tx.Commit()
}

// retention is that of cases by default; a month has many more starts than one day has sessions.
const (
	retention     = 30 * 24 * time.Hour
	sessionsShare = 30
)

// statements insert the cases numbered from..to-1. The first Past of them are past their retention.
func (f Fill) statements(e engine, from, to int) []string {
	hex := func(number string) string { return fmt.Sprintf(e.hex, number) }
	step := int64(1) << 62 / int64(f.Cases)
	key := hex(fmt.Sprintf("i * %d", step))
	id := key + " || '5a5a5a5a5a5a5a5a'"
	hash := hex(fmt.Sprintf("i * %d", step)) + " || " + key + " || " + key + " || " + key
	at := fmt.Sprintf("CASE WHEN i < %d THEN %d + i ELSE %d + CAST(i AS BIGINT) * %d / %d END",
		f.Past, f.Now.Add(-retention-48*time.Hour).UnixMilli(),
		f.Now.Add(-retention+24*time.Hour).UnixMilli(), (retention - 48*time.Hour).Milliseconds(), f.Cases)
	series := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", from, to-1)
	address := "'customer' || i || '@example.com'"
	reference := "'LK-' || " + hex("i")
	into := func(table, columns, values, where string) string {
		return "INSERT INTO " + table + " (" + columns + ") " + series + "SELECT " + values + " FROM n" + where
	}
	recent := fmt.Sprintf(" WHERE i %% %d = 0", sessionsShare)
	now := f.Now.UnixMilli()
	return []string{
		into("cases", "id, reference, created_at, language, entry, browser, address, address_hash, last_act, ended_at",
			id+", "+reference+", "+at+", 'en', 'direct', 'Firefox on Windows', "+address+", "+hash+", 'proven', 0", ""),
		into("challenges", "id, key_id, purpose, case_id, address, address_hash, account_id, created_at, expires_at, tries, used_at, claimed_until, seq",
			key+" || '1111111111111111', 'k1', 'prove', "+id+", "+address+", "+hash+", '', "+at+", "+at+" + 900000, 1, "+at+" + 60000, 0, i", ""),
		into("deliveries", "id, kind, case_id, challenge_id, aside_id, notice_id, account_id, state, refusal, reason, attempts, created_at, due_at, leased_by, leased_until, lease, accepted_at, changed_at, provider_id, seq",
			key+" || 'dddddddddddddddd', 'prove', "+id+", "+key+" || '1111111111111111', "+key+" || '1111111111111110', '', '', 'delivered', '', '', 1, "+at+", "+at+", '', 0, 0, "+at+", "+at+", '2.0.0 Ok', i", ""),
		into("audit", "reference, seq, at, act, address_hash, detail", reference+", 2 * i, "+at+", 'started', '', ''", ""),
		into("audit", "reference, seq, at, act, address_hash, detail", reference+", 2 * i + 1, "+at+" + 60000, 'proven', "+hash+", 'code'", ""),
		into("sessions", "lineage, id_hash, case_id, prefill, draft, held, created_at, seen_at, expires_at",
			fmt.Sprintf("%s, %s, %s, '', '', '', %d, %d, %d", id, hash, id, now, now, now+86400000), recent),
		into("counters", "name, bucket, n, expires_at",
			fmt.Sprintf("'mail:' || %s, %d, 1, %d", hash, now/360000*360000, now+86400000), recent),
	}
}

// PastLeft is how many cases past their retention are left.
func (f Fill) PastLeft(ctx context.Context, database string) (n int, err error) {
	db, err := sql.Open(engines[isPostgres(database)].driver, database)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM cases WHERE created_at < $1", f.Now.Add(-retention).UnixMilli()).Scan(&n)
	return n, err
}
