// Package queries is what sqlc makes of the .sql files beside it: one method for each query.
//
// It owns the SQL of the one Store and knows nothing of the rules behind it; only package sqlstore uses it.
package queries
