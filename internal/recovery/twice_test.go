package recovery_test

import (
	"sync"
	"testing"

	"latchkey/internal/recovery"
)

// A new browser's button is pressed twice, and both requests are on their way before either is stored: they
// are one session with one case and one mail.
func TestTwoRequestsOfANewBrowser(t *testing.T) {
	h := newBusyHouse(t, 4)
	for range 10 {
		b := h.browser()
		b.cookie = b.visitor().Session.NewCookie
		visitors := []*recovery.Visitor{b.visitor(), b.visitor()}
		var all sync.WaitGroup
		for _, v := range visitors {
			all.Go(func() {
				if err := h.Start(t.Context(), v, parse(t, "ada@example.com")); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if a, b := visitors[0].Session, visitors[1].Session; a.Lineage != b.Lineage || a.CaseID != b.CaseID {
			t.Fatalf("got sessions %s and %s, cases %s and %s; want one of each", a.Lineage, b.Lineage, a.CaseID, b.CaseID)
		}
		if mails := b.mails(recovery.KindProve); len(mails) != 1 {
			t.Errorf("got %d mails, want 1", len(mails))
		}
	}
}
