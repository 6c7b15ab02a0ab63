package recovery_test

import (
	"errors"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// otherKeys are the rules over the same database with another key file.
func (h *house) otherKeys() *recovery.Service {
	h.t.Helper()
	text, err := secret.Generate()
	if err != nil {
		h.t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		h.t.Fatal(err)
	}
	return recovery.New(recovery.Deps{Store: h.store, Keys: keys, Now: h.clock.Now, Policy: h.Policy})
}

// A database knows which key files its hashes were made with.
func TestASealTellsKeyFilesApart(t *testing.T) {
	h := newHouse(t)
	other := h.otherKeys()
	if n, err := other.CheckSeal(t.Context()); n != 0 || err != nil {
		t.Errorf("a database that was never used: %d others, %v", n, err)
	}
	for range 2 {
		if n, err := h.Seal(t.Context()); n != 0 || err != nil {
			t.Errorf("the first key file: %d others, %v", n, err)
		}
		h.clock.Pass(time.Hour)
	}
	if n, err := other.CheckSeal(t.Context()); n != 1 || !errors.Is(err, recovery.ErrOtherKeys) {
		t.Errorf("another key file: %d others, %v; want 1 and %v", n, err, recovery.ErrOtherKeys)
	}
	if n, err := other.Seal(t.Context()); n != 1 || err != nil {
		t.Errorf("used with another key file: %d others, %v", n, err)
	}
	for _, s := range []*recovery.Service{h.Service, other} {
		if n, err := s.CheckSeal(t.Context()); n != 1 || err != nil {
			t.Errorf("used with both: %d others, %v", n, err)
		}
	}
}
