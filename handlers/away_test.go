package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"latchkey/handlers"
	"latchkey/internal/recovery"
)

// leaving is a service whose database goes away after it has refused a code.
type leaving struct {
	handlers.Recovery
	gone bool
}

func (l *leaving) EnterCode(ctx context.Context, v *recovery.Visitor, code string) error {
	l.gone = true
	return l.Recovery.EnterCode(ctx, v, code)
}

func (l *leaving) Waiting(ctx context.Context, v *recovery.Visitor) (recovery.Waiting, error) {
	if l.gone {
		return recovery.Waiting{}, fmt.Errorf("deliveries: %w", recovery.ErrStore)
	}
	return l.Recovery.Waiting(ctx, v)
}

// The page of a wrong code can't be shown, since the database has gone meanwhile: that is what is said, as on
// every other page.
func TestADatabaseThatGoesInBetween(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) { c.Service = &leaving{Recovery: c.Service} })
	b := h.browser()
	b.start("healthy@example.com")
	b.fill("code", "1234 5678")
	b.at("/check-email", http.StatusServiceUnavailable)
	if !b.page.contains("right now") {
		t.Error("it is not said that this can't be done right now")
	}
}
