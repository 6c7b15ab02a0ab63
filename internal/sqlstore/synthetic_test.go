package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// synthetic fills a database with n cases of the days before now, of every kind that a report tells apart and
// in every combination of milestones, plausible or not. It writes past the Store, since nothing else would be
// fast enough for the large one.
func synthetic(tb testing.TB, db *sql.DB, n int, now time.Time) {
	tb.Helper()
	tx, err := db.BeginTx(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	s := &synthesis{random: rand.New(rand.NewPCG(5, uint64(n))), now: now}
	cases := bulk{tb: tb, tx: tx, into: "cases (id, reference, created_at, language, entry, browser, address, address_hash, last_act, ended_at, proven_at, explained_at, acted_at, signed_in_at, got_in_at, not_in_at, handed_off_at, ticket_at, checked_at, situation, unpressed)"}
	deliveries := bulk{tb: tb, tx: tx, into: "deliveries (id, kind, case_id, challenge_id, aside_id, notice_id, account_id, state, refusal, reason, attempts, created_at, due_at, leased_by, leased_until, lease, accepted_at, changed_at, provider_id, seq)"}
	created := map[string]time.Time{}
	ids := make([]string, n)
	for i := range n {
		ids[i] = fmt.Sprintf("%016x", uint64(i)*0x9e3779b97f4a7c15)
		created[ids[i]] = s.created()
		cases.add(s.aCase(ids[i], created[ids[i]])...)
	}
	cases.flush()
	for _, id := range ids {
		for j := range 1 + s.random.IntN(3) {
			deliveries.add(s.aDelivery(id, j, created[id])...)
		}
	}
	deliveries.flush()
	if err := tx.Commit(); err != nil {
		tb.Fatal(err)
	}
}

// bulk is rows on their way into a table, some in each statement: a round trip is dear to PostgreSQL, and a
// parameter among many to SQLite.
type bulk struct {
	tb    testing.TB
	tx    *sql.Tx
	into  string
	rows  int
	args  []any
	whole *sql.Stmt
}

const bulkRows = 20

func (b *bulk) add(values ...any) {
	b.tb.Helper()
	b.args, b.rows = append(b.args, values...), b.rows+1
	if b.rows == bulkRows {
		if b.whole == nil {
			b.whole = b.statement()
		}
		b.write(b.whole)
	}
}

// flush writes the rows that are left.
func (b *bulk) flush() {
	b.tb.Helper()
	if b.rows > 0 {
		b.write(b.statement())
	}
}

func (b *bulk) statement() *sql.Stmt {
	b.tb.Helper()
	width := len(b.args) / b.rows
	var text strings.Builder
	for i := range b.args {
		text.WriteString(map[bool]string{true: ",(", false: ","}[i%width == 0])
		fmt.Fprintf(&text, "$%d", i+1)
		if i%width == width-1 {
			text.WriteString(")")
		}
	}
	stmt, err := b.tx.PrepareContext(context.Background(), "INSERT INTO "+b.into+" VALUES "+text.String()[1:])
	if err != nil {
		b.tb.Fatal(err)
	}
	return stmt
}

func (b *bulk) write(stmt *sql.Stmt) {
	b.tb.Helper()
	if _, err := stmt.ExecContext(context.Background(), b.args...); err != nil {
		b.tb.Fatal(err)
	}
	b.args, b.rows = nil, 0
}

type synthesis struct {
	random *rand.Rand
	now    time.Time
	last   int
}

// created is somewhere in the last 40 days, so that a report of 30 leaves some out.
func (s *synthesis) created() time.Time {
	return s.now.Add(-time.Duration(s.random.Int64N(int64(40 * 24 * time.Hour))))
}

func (s *synthesis) aCase(id string, created time.Time) []any {
	s.last++
	proven := s.maybe(.7, created, 20*time.Minute)
	after := func(part float64) int64 {
		if proven == 0 {
			return 0
		}
		return s.maybe(part, time.UnixMilli(proven), 3*time.Hour)
	}
	checked := int64(0)
	if proven != 0 && s.now.UnixMilli()-proven > recovery.TicketWindow.Milliseconds() && s.random.IntN(20) > 0 {
		checked = s.now.UnixMilli()
	}
	ended := int64(0)
	if s.random.IntN(50) == 0 {
		ended = created.UnixMilli() + 1
	}
	situation := ""
	explained := after(.95)
	if explained != 0 {
		situation = pick(s.random, "ready", "unconfirmed", "different-email", "unlinked-legacy", "linked-email-mismatch")
	}
	return []any{
		id, fmt.Sprintf("LK-%d", s.last), created.UnixMilli(), pick(s.random, "en", "de", "fr"),
		pick(s.random, "direct", "direct", "direct", "link", "macro", "signed", "form"), "Firefox on Windows",
		"person@example.com", "hash-" + id, "started", ended,
		proven, explained, after(.8), after(.5), after(.2), after(.2), after(.15), after(.1), checked,
		situation, max(0, s.random.IntN(12)-8),
	}
}

// maybe is a moment soon after another, or none.
func (s *synthesis) maybe(part float64, after time.Time, within time.Duration) int64 {
	if s.random.Float64() > part {
		return 0
	}
	return after.UnixMilli() + 1 + s.random.Int64N(within.Milliseconds())
}

func (s *synthesis) aDelivery(caseID string, n int, created time.Time) []any {
	s.last++
	state, reason := pick(s.random, "accepted", "delivered", "delivered", "delayed", "failed", "queued"), ""
	if state == "failed" {
		reason = pick(s.random, "refused", "capped", "stopped")
	}
	at := created.UnixMilli()
	return []any{
		fmt.Sprint(caseID, "-", n), pick(s.random, "prove", "prove", "sign-in", "ticket", "find-other"), caseID, "", "", "", "", state, "",
		reason, 1, at, at, "", 0, 0, at, at, "", s.last,
	}
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }
