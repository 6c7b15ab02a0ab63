// Package handlers is the HTTP edge: it turns requests into calls of the rules of a case, and their
// answers into pages and redirects.
//
// routes.go is the whole URL surface. A handler parses, makes one call of internal/recovery, and renders
// or redirects; only errors.go says which status and page an error has, and only dispatch.go chooses the
// next page. The package must not know rules of a case, SQL, or words: those live in internal/recovery,
// internal/sqlstore and templates/locales.
package handlers
