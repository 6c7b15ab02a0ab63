package recovery_test

import (
	"context"
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
