package recovery_test

import (
	"context"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// lookingStore counts the look-ups of single challenges.
type lookingStore struct {
	recovery.Store
	looks int
}

func (s *lookingStore) Challenge(ctx context.Context, id string) (recovery.Challenge, error) {
	s.looks++
	return s.Store.Challenge(ctx, id)
}

// Somebody who asks again and again, capped or not, does not make the page that waits for the mail ask the database
// ever more: its script asks for it every few seconds.
func TestThePageThatWaitsAsksNoMoreForManyMails(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	for range 40 {
		h.sendAll()
		h.clock.Pass(2 * time.Minute)
		b.must(b.do(h.Resend))
	}
	store := &lookingStore{Store: h.store}
	h.Store = store
	w, err := h.Waiting(t.Context(), b.visitor())
	b.must(err)
	if w.Sent != 41 || w.Address != "ann@example.com" {
		t.Errorf("%d mails to %q, want 41 to ann@example.com", w.Sent, w.Address)
	}
	if store.looks > 1 {
		t.Errorf("%d challenges were looked up one by one", store.looks)
	}
}
