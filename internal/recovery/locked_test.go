package recovery_test

import (
	"context"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

func (b *browser) waiting() recovery.Waiting {
	b.h.t.Helper()
	w, err := b.h.Waiting(b.h.t.Context(), b.visitor())
	b.must(err)
	return w
}

// A code without a try left is not called good, and the next one is.
func TestACodeWithoutATryLeftIsLocked(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	code := h.code(b.mails(recovery.KindProve)[0])
	for i := range 5 {
		if b.waiting().Locked {
			t.Fatalf("locked after %d wrong codes", i)
		}
		wantErr(t, b.enter(wrongCode(code)), recovery.ErrWrongCode)
	}
	if !b.waiting().Locked {
		t.Error("not locked after five wrong codes")
	}
	h.sendAll()
	b.must(b.do(h.Resend))
	if b.waiting().Locked {
		t.Error("the new code is locked as well")
	}
}

// What others have tried on the address locks its codes for a day, and does not show.
func TestOnlyTriesOfThisCaseLock(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) {
		p.AddressHour, p.AddressNetHour, p.AddressDay, p.AddressNetDay, p.WrongCodesADay = 99, 99, 99, 99, 7
	})
	mine := h.browser()
	mine.start("ann@example.com")
	before := mine.waiting()
	for range 2 {
		stranger := h.browser()
		stranger.start("ann@example.com")
		code := h.code(stranger.mails(recovery.KindProve)[0])
		for range 5 {
			wantErr(t, stranger.enter(wrongCode(code)), recovery.ErrWrongCode)
		}
	}
	code := h.code(mine.mails(recovery.KindProve)[0])
	if got := mine.waiting(); got != before {
		t.Errorf("after the wrong codes of others the page says %+v, before them %+v", got, before)
	}
	wantErr(t, mine.enter(code), recovery.ErrWrongCode) // locked for the address
	if mine.waiting().Locked {
		t.Error("one try of this browser shows that others have tried")
	}
}

// A link that was used in another browser leaves the page as it is, however many tries follow.
func TestAUsedCodeLocksLikeAnyOther(t *testing.T) {
	h := newHouse(t)
	pages := map[bool][]recovery.Waiting{}
	for _, used := range []bool{false, true} {
		b := h.browser()
		b.start("ann@example.com")
		d := b.mails(recovery.KindProve)[0]
		if used {
			elsewhere := h.browser()
			elsewhere.open(h.token(d.ChallengeID))
			elsewhere.must(elsewhere.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "ann@example.com") }))
		}
		for range 6 {
			wantErr(t, b.enter(wrongCode(h.code(d))), recovery.ErrWrongCode)
			w := b.waiting()
			w.Reference, w.ChangedAt, w.CodeUntil = "", time.Time{}, time.Time{}
			pages[used] = append(pages[used], w)
		}
	}
	for i := range pages[false] {
		if pages[true][i] != pages[false][i] {
			t.Errorf("try %d: %+v with the link used elsewhere, else %+v", i+1, pages[true][i], pages[false][i])
		}
	}
}
