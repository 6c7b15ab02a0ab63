// Package sqlstoretest gives tests an empty database of their own: an SQLite file, or a schema of the
// PostgreSQL server that LATCHKEY_TEST_POSTGRES names.
//
// It knows nothing of tables and rows; internal/storetest tests those.
package sqlstoretest
