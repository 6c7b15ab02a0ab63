package secret_test

import (
	"testing"
	"time"

	"latchkey/internal/secret"
)

func TestOrderedIDsAreInTheOrderOfTheirTime(t *testing.T) {
	at := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	before := ""
	for range 100 {
		id := secret.NewOrderedID(at)
		if id <= before || len(id) != len(secret.NewID()) {
			t.Fatalf("%s comes after %s", id, before)
		}
		if id == secret.NewOrderedID(at) {
			t.Fatal("two ids of one millisecond are the same")
		}
		before = id
		at = at.Add(time.Millisecond)
	}
}

func TestSiblingsDifferInOneBit(t *testing.T) {
	id := secret.NewID()
	sibling := secret.SiblingID(id)
	if sibling == id || sibling[:len(id)-1] != id[:len(id)-1] || secret.SiblingID(sibling) != id {
		t.Errorf("the sibling of %s is %s, and of that %s", id, sibling, secret.SiblingID(sibling))
	}
	for _, none := range []string{"", "no id", "0"} {
		if got := secret.SiblingID(none); got != none {
			t.Errorf("the sibling of %q is %q", none, got)
		}
	}
}
