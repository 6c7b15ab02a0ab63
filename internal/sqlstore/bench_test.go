package sqlstore_test

import (
	"testing"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/sqlstoretest"
	"latchkey/internal/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) recovery.Store { return open(b) })
}

func BenchmarkPostgres(b *testing.B) {
	sqlstoretest.PostgresURL(b)
	storetest.Bench(b, func(b *testing.B) recovery.Store {
		return sqlstoretest.Open(b, sqlstoretest.PostgresURL(b))
	})
}
