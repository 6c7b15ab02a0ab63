package handlers_test

import (
	"net/http"
	"testing"
)

// An account without a billing account may be the wrong one of two: its steps say to try the address that was
// bought with, and the page takes it, in the same case.
func TestWhoBoughtWithAnotherAddressTriesItThere(t *testing.T) {
	h := newHouse(t)
	b := h.prove("no-billing-access@example.com")
	reference := b.page.hooks["reference"][0]
	b.press("try-another-address", "email", "healthy@example.com")
	b.at("/check-email", http.StatusOK)
	if got := b.page.hooks["reference"][0]; got != reference {
		t.Errorf("the other address began case %s, want to go on with %s", got, reference)
	}
	b.fill("code", codeOf(t, h.mail("healthy@example.com")))
	b.at("/situation", http.StatusOK)
	if !b.page.contains("healthy@example.com") {
		t.Error("the other address is not looked at")
	}
}
