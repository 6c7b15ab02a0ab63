// Package sqlstore is the one Store of Latchkey, on SQLite and PostgreSQL.
//
// It owns the tables, their migrations and the SQL, which keeps to what SQLite and PostgreSQL both read:
// TEXT, BIGINT milliseconds, ON CONFLICT, RETURNING and numbered placeholders. What must be atomic is a
// single conditional statement. The package knows no rule of a case: which row may change is said by its
// caller or by the contract in package recovery.
//
// The queries are in queries/*.sql; the Go code beside them is generated from them.
package sqlstore

//go:generate go run github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1 generate -f queries/sqlc.yaml
