package handlers_test

import (
	"context"
	"net/http"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/demo"
	"latchkey/internal/recovery"
)

var referenceForm = regexp.MustCompile(`LK-\w{4}-\w{4}`)

func referenceIn(m demo.Mail) string { return referenceForm.FindString(m.Subject) }

// countingSessions counts the look-ups of sessions.
type countingSessions struct {
	handlers.Recovery
	lookups *atomic.Int64
}

func (s countingSessions) SessionByCookie(ctx context.Context, cookie string) (*recovery.Session, error) {
	s.lookups.Add(1)
	return s.Recovery.SessionByCookie(ctx, cookie)
}

// A first start looks nothing up; that of a browser with a case goes on with it.
func TestAStartLooksForASessionOnlyWhereThereIsOne(t *testing.T) {
	var lookups atomic.Int64
	h := newHouse(t, func(c *handlers.Config) { c.Service = countingSessions{c.Service, &lookups} })
	b := h.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.get("/")
	lookups.Store(0)
	b.fill("email", "nobody@example.com")
	b.at("/", http.StatusSeeOther)
	if n := lookups.Load(); n != 0 {
		t.Errorf("the first start looked for a session %d times", n)
	}
	first := referenceIn(h.mail("nobody@example.com"))

	b.client.CheckRedirect = nil
	b.get("/")
	b.fill("email", "other@example.com")
	b.at("/check-email", http.StatusOK)
	if second := referenceIn(h.mail("other@example.com")); second != first {
		t.Errorf("the second start began case %s, want to go on with %s", second, first)
	}
}

// The row of a session outlives it by a while. Who comes back then is given a new one.
func TestAStartAfterTheSessionHasLapsed(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	first := referenceIn(h.mail("nobody@example.com"))
	h.clock.Pass(25 * time.Hour)
	b.get("/")
	b.fill("email", "other@example.com")
	b.at("/check-email", http.StatusOK)
	if second := referenceIn(h.mail("other@example.com")); second == first {
		t.Errorf("the second start goes on with case %s, whose session has lapsed", first)
	}
	b.get("/check-email")
	b.at("/check-email", http.StatusOK)
}
