package demo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/demo"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

func filled(tb testing.TB, now time.Time) *sqlstore.Store {
	tb.Helper()
	store := sqlstoretest.Open(tb, sqlstoretest.URL(tb))
	err := demo.FillMonth(tb.Context(), demo.MonthConfig{Store: store, Now: now, Hash: func(address string) string {
		if a, err := account.ParseAddress(address); err != nil || a.Canonical() != address {
			tb.Errorf("%q is not in its canonical form (%v)", address, err)
		}
		return "hash of " + address
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

func monthReport(tb testing.TB, store *sqlstore.Store, now time.Time) recovery.Report {
	tb.Helper()
	r, err := recovery.New(recovery.Deps{Store: store, Now: func() time.Time { return now }, Policy: recovery.DefaultPolicy()}).Report(tb.Context(), 30*24*time.Hour)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// A month is filled whenever it ends, with everything that a report tells apart, and nothing that acts.
func TestTheSampleMonth(t *testing.T) {
	for _, now := range []time.Time{
		time.Date(2026, 3, 1, 0, 0, 1, 0, time.UTC), time.Date(2026, 11, 25, 15, 4, 5, 6e6, time.UTC), time.Date(2027, 8, 15, 23, 59, 59, 0, time.UTC),
	} {
		store := filled(t, now)
		r := monthReport(t, store, now)
		t.Logf("%s: %+v", now, r.Total)
		if n := r.Total.Started; n < 400 || n > 1500 {
			t.Errorf("%d cases", n)
		}
		for what, n := range map[string]int{
			"deflected": r.Total.Deflected, "tickets": r.Total.Ticket, "neither": r.Total.Neither, "not yet known": r.Total.NotYetKnown,
			"handed off": r.Total.HandedOff, "scanned": r.Total.Scanned,
		} {
			if n == 0 {
				t.Errorf("%s: none %s", now, what)
			}
		}
		if len(r.Entries) != 5 || len(r.Languages) != 1 || r.Languages[0].ID != "en" || r.ToProof.Median < 20 || r.ToProof.Median > 120 {
			t.Errorf("%d entries, languages %v, median %d s", len(r.Entries), r.Languages, r.ToProof.Median)
		}
		for _, g := range r.Situations {
			if _, ok := diagnosis.ByID(diagnosis.ID(g.ID)); !ok && g.ID != "" {
				t.Errorf("there is no situation %q", g.ID)
			}
		}
		for _, d := range r.Deliveries {
			if d.State == recovery.StateQueued {
				t.Errorf("%d of %s wait to be sent", d.Count, d.Kind)
			}
		}
		jobs, err := store.Lease(t.Context(), recovery.ChannelMail, "w", now.Add(time.Hour), now.Add(2*time.Hour), 10)
		if err != nil || len(jobs) != 0 {
			t.Errorf("%d jobs for the outbox (%v)", len(jobs), err)
		}
	}
}

func TestTheSampleMonthIsTheSameEveryTime(t *testing.T) {
	now := time.Date(2026, 11, 25, 15, 4, 5, 0, time.UTC)
	if a, b := fmt.Sprint(monthReport(t, filled(t, now), now)), fmt.Sprint(monthReport(t, filled(t, now), now)); a != b {
		t.Errorf("two months differ:\n%s\n%s", a, b)
	}
}

// What is found of a sample case is as of any other: nobody's address, a reference of the usual form, and evidence
// that can be read.
func TestSampleCasesAreOfNobody(t *testing.T) {
	now := time.Date(2026, 11, 25, 15, 4, 5, 0, time.UTC)
	store := filled(t, now)
	cases, err := store.Unchecked(t.Context(), now, recovery.CheckPoint{}, 1000)
	if err != nil || len(cases) == 0 {
		t.Fatal(len(cases), err)
	}
	handedOff := 0
	for _, c := range cases {
		a, err := account.ParseAddress(c.Address)
		if err != nil || !strings.HasSuffix(a.Domain(), ".example") {
			t.Errorf("address %s", c.Address)
		}
		proven, err := store.ProvenAddresses(t.Context(), c)
		if err != nil || len(proven) != 1 || proven[0].Address != c.Address {
			t.Errorf("%s: proven %v (%v)", c.Reference, proven, err)
		}
		h, err := store.HandOff(t.Context(), c.ID, recovery.HandOffSupport)
		if err != nil {
			continue
		}
		handedOff++
		if e, err := recovery.DecodeEvidence(h.Evidence); err != nil || e.Reference != c.Reference || len(e.Findings) != 1 {
			t.Errorf("evidence of %s: %v", c.Reference, err)
		}
	}
	if handedOff == 0 {
		t.Error("none was handed off")
	}
}

func BenchmarkFillMonth(b *testing.B) {
	for b.Loop() {
		filled(b, time.Date(2026, 11, 25, 15, 4, 5, 0, time.UTC))
	}
}
