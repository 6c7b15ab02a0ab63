package recovery_test

import (
	"context"
	"testing"

	"latchkey/internal/recovery"
)

// Who tried another address first is told that the account is not under it: for as long as this browser has
// proven both, and on the page of the address that has the account.
func TestTheAddressWithoutAnAccountIsRemembered(t *testing.T) {
	const tried, right = "first_last@company.example", "first.last@company.example"
	h := newHouse(t)
	h.portal.has(legacyAccount(right))
	b := h.prove(tried)
	if got := b.diagnose().NoAccountAt; got != "" {
		t.Errorf("on its own page, the address without an account is %q", got)
	}
	b.start(right)
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	if got := b.diagnose().NoAccountAt; got != tried {
		t.Errorf("the address without an account is %q, want %q", got, tried)
	}
	if got := h.prove(right).diagnose().NoAccountAt; got != "" {
		t.Errorf("another browser is told of %q", got)
	}
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.LookAt(ctx, v, tried) }))
	if got := b.diagnose().NoAccountAt; got != "" {
		t.Errorf("the address that has the account is called one without: %q", got)
	}
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.LookAt(ctx, v, right) }))
	h.clock.Pass(h.Policy.ProofIdle - 1)
	b.diagnose()
	h.clock.Pass(1)
	if got := b.diagnose().NoAccountAt; got != "" {
		t.Errorf("its proof has lapsed, and it is named: %q", got)
	}
}

// An address that is proven too and has an account of its own is not the one that led nowhere.
func TestAnAddressWithAnAccountIsNotRemembered(t *testing.T) {
	const one, two = "one@company.example", "two@company.example"
	h := newHouse(t)
	h.portal.has(legacyAccount(one))
	second, other := legacyAccount(one), legacyAccount(two) // so that the address itself has a finding too
	second.ID, other.ID = "second", "other"
	h.portal.has(second)
	h.portal.has(other)
	b := h.prove(one)
	b.diagnose()
	b.start(two)
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	if d := b.diagnose(); d.NoAccountAt != "" || len(d.Others) != 1 {
		t.Errorf("the address without an account is %q of %v, want none", d.NoAccountAt, d.Others)
	}
}
