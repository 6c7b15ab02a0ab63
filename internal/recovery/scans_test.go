package recovery_test

import (
	"context"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// What the report calls a scanner hit: a link opened by a browser that did not ask, whose button it never
// pressed.
func TestScannerHits(t *testing.T) {
	h := newHouse(t)
	asked := h.browser()
	asked.start("zoe@example.com")
	token := h.token(asked.mails(recovery.KindProve)[0].ChallengeID)
	hits := func() [2]int {
		t.Helper()
		r, err := h.Report(t.Context(), time.Hour)
		asked.must(err)
		return [2]int{r.Total.Scans, r.Total.Scanned}
	}
	h.clock.Pass(time.Minute)
	steps := []struct {
		name string
		do   func()
		want [2]int
	}{
		{"nobody", func() {}, [2]int{0, 0}},
		{"the browser that asked", func() { asked.open(token) }, [2]int{0, 0}},
		{"a scanner", func() { h.browser().open(token) }, [2]int{1, 1}},
		{"another", func() { h.browser().open(token) }, [2]int{2, 1}},
		{"who asked for a link of their own, and pressed", func() {
			b := h.browser()
			b.start("ann@example.com")
			its := h.token(b.mails(recovery.KindProve)[0].ChallengeID)
			h.browser().open(its)
			b.open(its)
			b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "") }))
			h.clock.Pass(time.Minute)
		}, [2]int{3, 2}},
		{"the customer's phone, twice", func() {
			phone := h.browser()
			phone.open(token)
			phone.open(token)
			if got := hits(); got != [2]int{4, 2} {
				t.Errorf("opened on the phone: %v", got)
			}
			phone.must(phone.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "zoe@example.com") }))
		}, [2]int{3, 2}},
	}
	for _, step := range steps {
		step.do()
		if got := hits(); got != step.want {
			t.Errorf("%s: %v opens and cases, want %v", step.name, got, step.want)
		}
	}
}
