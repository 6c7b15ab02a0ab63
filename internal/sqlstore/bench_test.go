package sqlstore_test

import (
	"testing"

	"latchkey/internal/recovery"
	"latchkey/internal/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) recovery.Store { return open(b) })
}
