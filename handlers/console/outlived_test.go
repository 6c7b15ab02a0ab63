package console_test

import (
	"net/http"
	"testing"

	"latchkey/internal/recovery"
)

// Rows outlive an update: a situation that is none any more is left out of every page, whatever has its name.
func TestASituationThatIsNoMoreIsLeftOut(t *testing.T) {
	const reference, gone = "LK-7F3K-92QD", "no-more"
	h := newHouse(t)
	must(t, h.store.Update(t.Context(), func(tx recovery.Tx) error {
		c := recovery.Case{
			ID: "1", Reference: reference, CreatedAt: h.clock.Now(), Language: "en", Entry: recovery.EntryDirect,
			Address: "customerX@example.com", AddressHash: "hash", Ticket: "4711", Expected: gone,
		}
		if err := tx.InsertCase(t.Context(), c); err != nil {
			return err
		}
		for _, found := range []string{gone, "unlinked-legacy"} {
			if err := tx.PutFound(t.Context(), recovery.FoundRecord{CaseID: c.ID, Situation: found, At: h.clock.Now()}); err != nil {
				return err
			}
		}
		_, err := tx.InsertHandOff(t.Context(), recovery.HandOff{
			CaseID: c.ID, Kind: recovery.HandOffSupport, Address: c.Address, AddressHash: c.AddressHash, Message: "Please help.",
			Evidence: []byte(`{"findings":[{"situation":"` + gone + `"},{"situation":"unlinked-legacy"}]}`), CreatedAt: h.clock.Now(),
		})
		return err
	}))
	b := h.browser()
	b.get("/console")
	b.byProvider("grace")
	for _, path := range []string{"/console", "/console/cases/" + reference} {
		b.get(path)
		b.at(path, http.StatusOK)
		if b.page.has(gone) || !b.page.has("linked to GitLab.com") {
			t.Errorf("%s: want the situation that there is, and not %q: %s", path, gone, b.page.text)
		}
	}
}
