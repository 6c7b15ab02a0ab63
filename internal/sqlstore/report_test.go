package sqlstore_test

import (
	"database/sql"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// raw is a connection to the database at url that does what no Store does.
func raw(tb testing.TB, url string) *sql.DB {
	tb.Helper()
	driver := "sqlite"
	if strings.HasPrefix(url, "postgres") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

var reportEnd = time.Date(2026, 11, 25, 15, 4, 5, 0, time.UTC)

func service(store *sqlstore.Store) *recovery.Service {
	policy := recovery.DefaultPolicy()
	return recovery.New(recovery.Deps{Store: store, Policy: policy, Now: func() time.Time { return reportEnd }})
}

func TestReportEqualsPlainCounts(t *testing.T) { reportEqualsPlainCounts(t, sqlstoretest.URL(t)) }

func TestPostgresReportEqualsPlainCounts(t *testing.T) {
	reportEqualsPlainCounts(t, sqlstoretest.PostgresURL(t))
}

// Each figure of a report is what a plain count beside it says, and every outcome what the rule says.
func reportEqualsPlainCounts(t *testing.T, url string) {
	store := sqlstoretest.Open(t, url)
	db := raw(t, url)
	synthetic(t, db, 3000, reportEnd)
	const since = 30 * 24 * time.Hour
	report, err := service(store).Report(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	plain := plainCounts{t, db, fmt.Sprintf("created_at >= %d AND created_at < %d", report.From.UnixMilli(), report.Until.UnixMilli())}
	if n := plain.count("cases", "TRUE"); n < 2000 || n == 3000 {
		t.Fatalf("%d of 3000 cases are within the period, which tests little", n)
	}
	plain.tally("all", report.Total, "TRUE")
	for column, groups := range map[string][]recovery.Group{
		"situation": report.Situations, "entry": report.Entries, "language": report.Languages,
	} {
		if want := plain.count("(SELECT DISTINCT "+column+" AS x, created_at / created_at AS one FROM cases WHERE "+plain.within+") AS d", ""); len(groups) != want {
			t.Errorf("%d groups by %s, want %d", len(groups), column, want)
		}
		for _, g := range groups {
			plain.tally(column+" "+g.ID, g.Tally, column+" = '"+g.ID+"'")
		}
	}
	if len(report.Days) != 31 {
		t.Errorf("%d days, want the 31 that 30 times 24 hours are a part of", len(report.Days))
	}
	for _, day := range report.Days {
		begin, err := time.Parse(time.DateOnly, day.ID)
		if err != nil {
			t.Fatal(err)
		}
		plain.tally(day.ID, day.Tally, fmt.Sprintf("created_at >= %d AND created_at < %d", begin.UnixMilli(), begin.AddDate(0, 0, 1).UnixMilli()))
	}
	plain.times(report.ToProof)
	plain.deliveries(report.Deliveries)
	plain.outcomes(store, report)
}

type plainCounts struct {
	t      *testing.T
	db     *sql.DB
	within string
}

func (p plainCounts) count(from, where string) int {
	p.t.Helper()
	query := "SELECT COUNT(*) FROM " + from
	if where != "" {
		query += " WHERE " + p.within + " AND (" + where + ")"
	}
	var n int
	if err := p.db.QueryRowContext(p.t.Context(), query).Scan(&n); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (p plainCounts) tally(name string, got recovery.Tally, where string) {
	p.t.Helper()
	const (
		support = "(handed_off_at > 0 OR ended_at > 0)"
		in      = "((signed_in_at > 0 AND not_in_at <= signed_in_at) OR (got_in_at > 0 AND not_in_at <= got_in_at))"
	)
	for _, figure := range []struct {
		name string
		got  int
		is   string
	}{
		{"started", got.Started, "TRUE"},
		{"proven", got.Proven, "proven_at > 0"},
		{"explained", got.Explained, "explained_at > 0"},
		{"acted", got.Acted, "acted_at > 0"},
		{"signed in", got.SignedIn, "proven_at > 0 AND NOT " + support + " AND " + in},
		{"handed off", got.HandedOff, "proven_at > 0 AND " + support},
		{"left", got.Left, "proven_at > 0 AND NOT " + support + " AND NOT " + in},
		{"not yet known", got.NotYetKnown, "proven_at > 0 AND checked_at = 0"},
		{"deflected", got.Deflected, "proven_at > 0 AND checked_at > 0 AND ticket_at = 0 AND NOT " + support + " AND " + in},
		{"ticket", got.Ticket, "proven_at > 0 AND checked_at > 0 AND (ticket_at > 0 OR " + support + ")"},
		{"neither", got.Neither, "proven_at > 0 AND checked_at > 0 AND ticket_at = 0 AND NOT " + support + " AND NOT " + in},
		{"scanned", got.Scanned, "unpressed > 0"},
	} {
		if want := p.count("cases", "("+where+") AND ("+figure.is+")"); figure.got != want {
			p.t.Errorf("%s: %s %d, a plain count says %d", name, figure.name, figure.got, want)
		}
	}
	var scans int
	query := "SELECT COALESCE(SUM(unpressed), 0) FROM cases WHERE " + p.within + " AND (" + where + ")"
	if err := p.db.QueryRowContext(p.t.Context(), query).Scan(&scans); err != nil || scans != got.Scans {
		p.t.Errorf("%s: scans %d, a plain sum says %d (%v)", name, got.Scans, scans, err)
	}
}

func (p plainCounts) times(got recovery.TimesToProof) {
	p.t.Helper()
	const counted = "proven_at > 0 AND entry <> 'link'"
	if want := p.count("cases", counted); got.Cases != want {
		p.t.Errorf("%d times to proof, want %d", got.Cases, want)
	}
	for name, rank := range map[string]struct{ got, rank int }{
		"median": {got.Median, (got.Cases+1)/2 - 1}, "nine tenths": {got.P90, (9*got.Cases+9)/10 - 1},
	} {
		var millis int
		query := "SELECT proven_at - created_at AS took FROM cases WHERE " + p.within + " AND " + counted + fmt.Sprint(" ORDER BY took LIMIT 1 OFFSET ", rank.rank)
		if err := p.db.QueryRowContext(p.t.Context(), query).Scan(&millis); err != nil || rank.got != millis/1000 {
			p.t.Errorf("%s %d s, want %d ms (%v)", name, rank.got, millis, err)
		}
	}
	from := 0
	for _, b := range got.Buckets {
		is := fmt.Sprintf("%s AND proven_at - created_at >= %d", counted, from*1000)
		if b.Below > 0 {
			is += fmt.Sprintf(" AND proven_at - created_at < %d", b.Below*1000)
		}
		if want := p.count("cases", is); b.Cases != want {
			p.t.Errorf("from %d to %d s: %d, want %d", from, b.Below, b.Cases, want)
		}
		from = b.Below
	}
}

func (p plainCounts) deliveries(got []recovery.DeliveryCount) {
	p.t.Helper()
	sum := 0
	for _, d := range got {
		is := fmt.Sprintf("kind = '%s' AND state = '%s' AND reason = '%s'", d.Kind, d.State, d.Reason)
		if want := p.count("deliveries", is); d.Count != want || want == 0 {
			p.t.Errorf("%s, %s, %s: %d, want %d", d.Kind, d.State, d.Reason, d.Count, want)
		}
		sum += d.Count
	}
	if want := p.count("deliveries", "kind <> 'find-other'"); sum != want {
		p.t.Errorf("%d deliveries in all, want %d", sum, want)
	}
}

// outcomes holds the rule in SQL against the one in Go, case by case.
func (p plainCounts) outcomes(store *sqlstore.Store, report recovery.Report) {
	p.t.Helper()
	rows, err := p.db.QueryContext(p.t.Context(), "SELECT id FROM cases WHERE "+p.within)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	got := map[recovery.Outcome]int{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			p.t.Fatal(err)
		}
		c, err := store.Case(p.t.Context(), id)
		if err != nil {
			p.t.Fatal(err)
		}
		got[c.Outcome()]++
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	for outcome, n := range map[recovery.Outcome]int{
		recovery.OutcomeNone: report.Total.Started - report.Total.Proven, recovery.OutcomeNotYetKnown: report.Total.NotYetKnown,
		recovery.OutcomeDeflected: report.Total.Deflected, recovery.OutcomeTicket: report.Total.Ticket,
		recovery.OutcomeNeither: report.Total.Neither,
	} {
		if got[outcome] != n || n == 0 {
			p.t.Errorf("outcome %q: the report has %d, the rule says %d", outcome, n, got[outcome])
		}
	}
}

// BenchmarkReport is a report on 200,000 cases of the last 40 days.
func BenchmarkReport(b *testing.B) {
	url := sqlstoretest.URL(b)
	store := sqlstoretest.Open(b, url)
	db := raw(b, url)
	synthetic(b, db, 200_000, reportEnd)
	tidy := "PRAGMA wal_checkpoint(TRUNCATE)" // what goes on by itself where rows do not come all at once
	if strings.HasPrefix(url, "postgres") {
		tidy = "ANALYZE"
	}
	if _, err := db.ExecContext(b.Context(), tidy); err != nil {
		b.Fatal(err)
	}
	s := service(store)
	before := processorTime(b)
	for b.Loop() {
		report, err := s.Report(b.Context(), 40*24*time.Hour)
		if err != nil || report.Total.Started != 200_000 {
			b.Fatal(report.Total.Started, err)
		}
	}
	b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s/op")
}

// processorTime is what this process has used of the processors, whatever else the machine is doing.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
