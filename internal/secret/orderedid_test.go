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
