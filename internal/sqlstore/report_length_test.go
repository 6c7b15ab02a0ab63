package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// casesAre has every query see cases that are not there: one, with some columns as these expressions say, as often as
// from has rows.
func casesAre(t *testing.T, db *sql.DB, from string, columns map[string]string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM cases LIMIT 0")
	if err != nil {
		t.Fatal(err)
	}
	names, err := rows.Columns()
	if err := errors.Join(err, rows.Close(), rows.Err()); err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(names))
	for i, name := range names {
		value := columns[name]
		if value == "" {
			value = "1"
		}
		all[i] = value + " AS " + name
	}
	for _, statement := range []string{
		"ALTER TABLE cases RENAME TO kept",
		"CREATE VIEW cases AS " + fmt.Sprintf(from, strings.Join(all, ", ")),
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// endless is a view without an end.
const endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 - i FROM n) SELECT %s FROM n"

var texts = map[string]string{
	"language": "'en'", "entry": "'direct'", "situation": "''", "created_at": fmt.Sprint(reportEnd.Add(-time.Minute).UnixMilli()),
}

func reported(ctx context.Context, s *sqlstore.Store) error {
	_, err := s.ReportCases(ctx, time.UnixMilli(0), reportEnd)
	return err
}

func TestReportsEndWithWhoAsked(t *testing.T) { reportsEndWithWhoAsked(t, sqlstoretest.URL(t)) }

func TestPostgresReportsEndWithWhoAsked(t *testing.T) {
	reportsEndWithWhoAsked(t, sqlstoretest.PostgresURL(t))
}

// A report that nobody waits for any more does not go on, and keeps neither the next one nor the end of the program
// waiting.
func reportsEndWithWhoAsked(t *testing.T, url string) {
	store := sqlstoretest.Open(t, url)
	casesAre(t, raw(t, url), endless, texts)
	for range 2 {
		ctx, leave := context.WithCancel(t.Context())
		told := make(chan error, 1)
		go func() { told <- reported(ctx, store) }()
		time.AfterFunc(50*time.Millisecond, leave)
		select {
		case err := <-told:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("told %v", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("went on")
		}
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// leavingOf is set in a process of its own that asks for an endless report of this database, and leaves.
const leavingOf = "LATCHKEY_TEST_LEAVING"

// Whoever breaks `latchkey report` off leaves nothing behind that the server goes on with.
func TestPostgresReportsEndWithTheirProcess(t *testing.T) {
	if url := os.Getenv(leavingOf); url != "" {
		store, err := sqlstore.OpenExisting(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(200*time.Millisecond, leave)
		_ = reported(ctx, store)
		os.Exit(0)
	}
	url := sqlstoretest.PostgresURL(t)
	sqlstoretest.Open(t, url)
	db := raw(t, url)
	casesAre(t, db, endless, texts)
	for range 4 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPostgresReportsEndWithTheirProcess$")
		child.Env = append(os.Environ(), leavingOf+"="+url+"&application_name=leaves")
		if said, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	await(t, func() (bool, error) {
		left := 0
		err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity "+
			"WHERE application_name = 'leaves' AND state = 'active'").Scan(&left)
		return left == 0, err
	})
}

// A report of very many cases takes longer than any answer to a customer may.
func TestPostgresReportsTakeTheirTime(t *testing.T) {
	url := sqlstoretest.PostgresURL(t)
	store := sqlstoretest.Open(t, url)
	casesAre(t, raw(t, url), "SELECT %s", map[string]string{
		"language": "current_setting('statement_timeout')", "entry": "current_setting('lock_timeout')", "situation": "''",
	})
	rows, err := store.ReportCases(t.Context(), time.UnixMilli(0), time.UnixMilli(10))
	if err != nil || len(rows) != 1 || rows[0].Language != "0" || rows[0].Entry != "0" {
		t.Errorf("a report has %+v (%v), want no limits", rows, err)
	}
}

// However often a report is asked for, there is one at a time.
func TestPostgresReportsAreCountedInTurn(t *testing.T) {
	url := sqlstoretest.PostgresURL(t)
	store := sqlstoretest.Open(t, url+"&application_name=counts")
	counts, db := service(store), behind(t, url)
	casesAre(t, raw(t, url), endless, texts)
	counting := func() (n int, err error) {
		err = db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity "+
			"WHERE application_name = 'counts' AND state = 'active' AND query LIKE '%ReportCases%'").Scan(&n)
		return n, err
	}
	var all sync.WaitGroup
	ctx, leave := context.WithCancel(t.Context())
	for range 3 {
		all.Go(func() { _, _ = counts.Report(ctx, time.Hour) })
	}
	for range 20 {
		await(t, func() (bool, error) { // between its preparation and its run a query is none that runs
			n, err := counting()
			if n > 1 {
				t.Fatalf("%d reports at once", n)
			}
			return n == 1, err
		})
		time.Sleep(5 * time.Millisecond)
	}
	leave()
	all.Wait()
}
