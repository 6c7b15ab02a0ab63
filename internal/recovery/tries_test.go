package recovery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

func errorIs(got, want error) bool { return errors.Is(got, want) }

// countingStore notes what each attempt had to compare with.
type countingStore struct {
	recovery.Store
	mu       sync.Mutex
	compared map[any]int // challenges that an attempt was given, by its name
}

type attempt struct{} // the key of an attempt's name in its context

func (s *countingStore) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	return s.Store.Update(ctx, func(tx recovery.Tx) error { return fn(countingTx{tx, s}) })
}

type countingTx struct {
	recovery.Tx
	store *countingStore
}

func (tx countingTx) CountTry(ctx context.Context, caseID string, limit int, now time.Time) ([]recovery.Challenge, error) {
	given, err := tx.Tx.CountTry(ctx, caseID, limit, now)
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	tx.store.compared[ctx.Value(attempt{})] += len(given)
	return given, err
}

// Of fifty codes at once five are compared, whatever they are, and no other can be the one that proves.
func TestNoCodeBeyondTheFifthIsCompared(t *testing.T) {
	for name, right := range map[string]func(i int) bool{
		"all wrong":          func(int) bool { return false },
		"all right":          func(int) bool { return true },
		"every seventh":      func(i int) bool { return i%7 == 6 },
		"one among many":     func(i int) bool { return i == 40 },
		"right but too late": nil,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.browser()
			b.start("ann@example.com")
			code := h.code(b.mails(recovery.KindProve)[0])
			store := &countingStore{Store: h.store, compared: map[any]int{}}
			h.Store = store
			if right == nil {
				for range 5 {
					wantErr(t, b.enter(wrongCode(code)), recovery.ErrWrongCode)
				}
				right = func(int) bool { return true }
			}
			h.enterAtOnce(b, code, right, store)
			total := 0
			for _, n := range store.compared {
				total += n
			}
			if total != 5 {
				t.Errorf("%d codes compared, want exactly 5", total)
			}
		})
	}
}

// enterAtOnce types fifty codes in as many tabs, and sees to it that only a right one that was given
// something to compare with proves, and one at most.
func (h *house) enterAtOnce(b *browser, code string, right func(i int) bool, store *countingStore) {
	h.t.Helper()
	visitors, results := make([]*recovery.Visitor, 50), make([]error, 50)
	for i := range visitors {
		visitors[i] = b.visitor()
	}
	var pressed sync.WaitGroup
	for i, v := range visitors {
		typed := wrongCode(code)
		if right(i) {
			typed = code
		}
		pressed.Go(func() {
			results[i] = h.EnterCode(context.WithValue(h.t.Context(), attempt{}, i), v, typed)
		})
	}
	pressed.Wait()
	proven := 0
	for i, err := range results {
		if err != nil {
			wantErr(h.t, err, recovery.ErrWrongCode)
			continue
		}
		proven++
		if !right(i) || store.compared[i] != 1 {
			h.t.Errorf("code %d proved: right %v, compared with %d", i, right(i), store.compared[i])
		}
	}
	if proven > 1 {
		h.t.Errorf("%d of fifty proved, want one at most", proven)
	}
}

// A code that can be no try any more is written down once: whoever has none left, or types on for a day, would write a
// row with each press, and every page of the case reads them all.
func TestACodeThatIsNoTryIsWrittenDownOnce(t *testing.T) {
	h := newHouse(t)
	b, late := h.browser(), h.browser()
	b.start("ann@example.com")
	late.start("bob@example.com")
	wrong := wrongCode(h.code(b.mails(recovery.KindProve)[0]))
	for range 20 {
		wantErr(t, b.enter(wrong), recovery.ErrWrongCode)
	}
	if n := len(b.acts(recovery.ActWrongCode)); n != 5 {
		t.Errorf("%d wrong codes are on record, want the 5 that were compared", n)
	}
	h.clock.Pass(h.Policy.ProveFor)
	for range 3 {
		wantErr(t, late.enter(wrong), recovery.ErrWrongCode)
	}
	if n := len(late.acts(recovery.ActWrongCode)); n != 1 {
		t.Errorf("after the code has expired %d are on record, want 1 for support to see", n)
	}
}
