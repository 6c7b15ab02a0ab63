package recovery_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"latchkey/internal/recovery"
)

var errInTheWay = errors.New("another transaction was in its way")

// busyStore runs each transaction twice, as PostgreSQL has it done where another was in its way, and keeps the second
// unless it is to keep none.
type busyStore struct {
	recovery.Store
	full bool
}

func (s busyStore) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	return s.twice(ctx, fn, s.Store.Update)
}

func (s busyStore) UpdateTogether(ctx context.Context, shared recovery.Shared, fn func(tx recovery.Tx) error) error {
	return s.twice(ctx, fn, func(ctx context.Context, fn func(tx recovery.Tx) error) error {
		return s.Store.UpdateTogether(ctx, shared, fn)
	})
}

func (s busyStore) twice(
	ctx context.Context, fn func(tx recovery.Tx) error, update func(context.Context, func(tx recovery.Tx) error) error,
) error {
	refused := func(tx recovery.Tx) error { return errors.Join(fn(tx), errInTheWay) }
	if err := update(ctx, refused); s.full || !errors.Is(err, errInTheWay) {
		return err
	}
	return update(ctx, fn)
}

// Metrics count a step once, however often it had to be run, and none that was not kept.
func TestStepsAreToldOnceKept(t *testing.T) {
	for name, tt := range map[string]struct {
		full bool
		want []string
	}{
		"in each other's way": {false, []string{recovery.ActStarted, recovery.ActWrongCode, recovery.ActProven}},
		"nothing is kept":     {true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b := h.browser()
			b.start("ann@example.com")
			code := h.code(b.mails(recovery.KindProve)[0])
			var told []string
			deps := h.Deps
			deps.Store, deps.Observe = busyStore{h.store, tt.full}, func(act string) { told = append(told, act) }
			s := recovery.New(deps)
			other := h.browser()
			newcomer := other.visitor()
			_ = s.Start(t.Context(), newcomer, parse(t, "bob@example.com"))
			_ = s.EnterCode(t.Context(), b.visitor(), wrongCode(code))
			_ = s.EnterCode(t.Context(), b.visitor(), code)
			if !slices.Equal(told, tt.want) {
				t.Errorf("told of %q, want %q", told, tt.want)
			}
		})
	}
}

// A press that another transaction is in the way of uses its link once it can; one that cannot be kept leaves it to the
// page, which has the button again.
func TestALinkIsNotLostInTheWayOfOthers(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	b.open(h.token(b.mails(recovery.KindProve)[0].ChallengeID))
	v := b.visitor()
	deps := h.Deps
	deps.Store = busyStore{h.store, true}
	full := recovery.New(deps)
	wantErr(t, full.ProveByLink(t.Context(), v, ""), errInTheWay)
	_, err := full.HeldLink(t.Context(), v, recovery.PurposeProve)
	wantErr(t, err, nil)
	if p, err := full.Progress(t.Context(), v); err != nil || p.Next() != recovery.StepCheckEmail {
		t.Errorf("leads to %s (%v), want that nothing is proven", p.Next(), err)
	}
	deps.Store = busyStore{h.store, false}
	wantErr(t, recovery.New(deps).ProveByLink(t.Context(), v, ""), nil)
}
