package recovery_test

import (
	"testing"
	"time"
)

// A browser comes back the day after its session has ended, while the row is still kept: it starts anew, and
// under another id.
func TestStartWithAnExpiredSession(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	before := b.visitor().Session.IDHash
	h.clock.Pass(25 * time.Hour)
	v := b.visitor()
	b.must(h.Start(t.Context(), v, parse(t, "ann@example.com")))
	if v.Session.IDHash == before || v.Session.NewCookie == "" {
		t.Error("the expired session's id goes on")
	}
}
