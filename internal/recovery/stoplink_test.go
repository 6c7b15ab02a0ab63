package recovery_test

import (
	"errors"
	"sync"
	"testing"

	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// The link to stop mail is used once, however many press it at the same moment, and has no row before that.
func TestStopLinkWorksOnce(t *testing.T) {
	h := newHouse(t)
	asker := h.browser()
	asker.start("ann@example.com")
	stop := asker.mails(recovery.KindProve)[0].AsideID
	if _, err := h.store.Challenge(t.Context(), stop); !errors.Is(err, recovery.ErrNotFound) {
		t.Fatalf("a row before anybody pressed: %v", err)
	}
	owners := make([]*browser, 4)
	for i := range owners {
		owners[i] = h.browser()
		owners[i].open(h.token(stop))
	}
	errs := make([]error, len(owners))
	var all sync.WaitGroup
	for i, owner := range owners {
		all.Go(func() { errs[i] = owner.pressStop("ann@example.com") })
	}
	all.Wait()
	good := 0
	for _, err := range errs {
		switch {
		case err == nil:
			good++
		case !errors.Is(err, recovery.ErrLinkDead):
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d of %d presses worked, want 1", good, len(owners))
	}
	late := h.browser()
	late.open(h.token(stop))
	if err := late.pressStop("ann@example.com"); !errors.Is(err, recovery.ErrLinkDead) {
		t.Errorf("pressed once more: %v, want %v", err, recovery.ErrLinkDead)
	}
}

// Only a proof mail has such a link beside it: the sibling of any other challenge is nobody's.
func TestNoOtherChallengeHasAStopLink(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.must(b.mailSignIn("acc-ann@example.com"))
	link := b.mails(recovery.KindSignIn)[0].ChallengeID
	c := h.challenge(link)
	token, err := h.keys.LinkToken(c.KeyID, secret.SiblingID(link))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.browser().hold(token); !errors.Is(err, recovery.ErrLinkDead) {
		t.Errorf("got %v, want %v", err, recovery.ErrLinkDead)
	}
}
