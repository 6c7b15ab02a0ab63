// Package console is the HTTP edge of the agent console, on the ops listener: support agents sign in, find a
// case, read its story, run a diagnosis dry, make a support link, have a mail sent again, and mark a case as
// resolved. It stands behind the same middleware as the customers' pages.
//
// routes.go is the whole URL surface. A handler parses, makes one call of internal/recovery, and renders or
// redirects; only errors.go turns an error into a status and a page. The package must not know rules of a case,
// SQL, or words.
package console
