package recovery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// Somebody proves the mailbox by its link in another browser at the moment in which its owner is erased: the case that
// the link opens there goes as well, whichever of the two is stored first (R12).
func TestErasingWaitsForWhatIsUnderWay(t *testing.T) {
	h := newBusyHouse(t, 4)
	asker := h.browser()
	asker.start("ann@example.com")
	link := h.token(asker.mails(recovery.KindProve)[0].ChallengeID)
	other := h.browser()
	other.open(link)

	held, on := make(chan struct{}), make(chan struct{})
	h.Store = &haltingStore{Store: h.store, halt: sync.OnceFunc(func() { close(held); <-on })}
	proven := make(chan error)
	go func() {
		proven <- other.do(func(ctx context.Context, v *recovery.Visitor) error {
			return h.ProveByLink(ctx, v, "ann@example.com")
		})
	}()
	<-held // the case that the link opened is written, and not yet kept
	h.Store = h.store
	erased := make(chan error)
	go func() {
		_, err := h.Erase(t.Context(), parse(t, "ann@example.com"))
		erased <- err
	}()
	time.Sleep(300 * time.Millisecond) // erasing has come as far as it can
	close(on)
	if err := <-proven; err != nil {
		t.Logf("proving: %v", err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	hash := h.keys.HashAddress("ann@example.com")
	if left, err := h.store.CasesOfAddress(t.Context(), hash, 0, 10); err != nil || len(left) > 0 {
		t.Errorf("%d cases of the erased address are left: %v", len(left), err)
	}
}

// haltingStore halts a transaction behind its proof.
type haltingStore struct {
	recovery.Store
	halt func()
}

func (s *haltingStore) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	return s.Store.Update(ctx, func(tx recovery.Tx) error { return fn(haltingTx{tx, s}) })
}

type haltingTx struct {
	recovery.Tx
	of *haltingStore
}

func (tx haltingTx) PutProof(ctx context.Context, p recovery.Proof) error {
	if err := tx.Tx.PutProof(ctx, p); err != nil {
		return err
	}
	tx.of.halt()
	return nil
}

// A customer is erased while the portal is asked for them: nothing of what was under way is kept, in no trail a hash
// comes back, and they are where somebody is who has no case.
func TestErasedWhileThePortalIsAsked(t *testing.T) {
	const id = "acc-ann@example.com"
	fails := func(h *house) {
		h.portal.mu.Lock()
		defer h.portal.mu.Unlock()
		h.portal.fail = recovery.ErrPortal
	}
	for name, step := range map[string]struct {
		fate func(h *house) // of the portal
		do   func(b *browser) error
		want error
	}{
		"diagnose": {do: func(b *browser) error {
			return b.do(func(ctx context.Context, v *recovery.Visitor) error { _, err := b.h.Diagnose(ctx, v); return err })
		}, want: recovery.ErrOvertaken},
		"sign in":                       {do: func(b *browser) error { _, err := b.signInNow(id); return err }, want: recovery.ErrNoCase},
		"sign in, and the portal fails": {fate: fails, do: func(b *browser) error { _, err := b.signInNow(id); return err }, want: recovery.ErrPortal},
		"a link mailed":                 {do: func(b *browser) error { return b.mailSignIn(id) }, want: recovery.ErrNoCase},
		"a link used":                   {do: func(b *browser) error { _, err := b.pressSignIn(""); return err }, want: recovery.ErrLinkDead},
		"a link, and the portal fails":  {fate: fails, do: func(b *browser) error { _, err := b.pressSignIn(""); return err }, want: recovery.ErrPortal},
		"a hand-off":                    {do: func(b *browser) error { return b.handOff("Help me.") }, want: recovery.ErrOvertaken},
	} {
		t.Run(name, func(t *testing.T) {
			h := newBusyHouse(t, 2)
			h.portal.has(legacyAccount("ann@example.com"))
			b := h.prove("ann@example.com")
			b.must(b.mailSignIn(id))
			b.open(h.token(b.mails(recovery.KindSignIn)[0].ChallengeID))
			reference := b.theCase().Reference
			h.portal.meanwhile = func() {
				if _, err := h.Erase(t.Context(), parse(t, "ann@example.com")); err != nil {
					t.Error(err)
				}
				if step.fate != nil {
					step.fate(h)
				}
			}
			if err := step.do(b); !errors.Is(err, step.want) {
				t.Errorf("got %v, want %v", err, step.want)
			}
			acts, err := h.store.Audit(t.Context(), reference)
			b.must(err)
			for _, a := range acts {
				if a.AddressHash != "" {
					t.Errorf("the hash of who was erased stands with %q", a.Act)
				}
			}
			if next := b.next(); next != recovery.StepStart {
				t.Errorf("they are led to %s, want the start", next)
			}
		})
	}
}

// Somebody is erased while the vendor mails their confirmation: that is no fault of ours, and they have no case.
func TestErasedWhileTheVendorMails(t *testing.T) {
	h := newBusyHouse(t, 2)
	h.Policy.ConfirmHere = false
	fresh := legacyAccount("ann@example.com")
	fresh.ConfirmedAt = time.Time{}
	h.portal.has(fresh)
	b := h.prove("ann@example.com")
	b.diagnose()
	var asked func()
	asked = func() {
		h.portal.mu.Lock()
		mails := h.portal.confirmations > 0
		if !mails {
			h.portal.meanwhile = asked // not yet
		}
		h.portal.mu.Unlock()
		if mails {
			_, err := h.Erase(t.Context(), parse(t, "ann@example.com"))
			b.must(err)
		}
	}
	h.portal.meanwhile = asked
	err := b.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.ResendConfirmation(ctx, v, "acc-ann@example.com")
	})
	if !errors.Is(err, recovery.ErrNoCase) || h.portal.confirmations != 1 {
		t.Errorf("told %v after %d mails, want %v after one", err, h.portal.confirmations, recovery.ErrNoCase)
	}
}
