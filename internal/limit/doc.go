// Package limit holds the named limits of pages (R10), counted by ulule/limiter in a store.
//
// A limit slides: what is left of the window before counts in proportion, so that no edge lets twice
// the rate through, and a refused request counts for nothing: of N in a period, N may come at once, and from
// then on one for every N-th part of it. While the store fails, memory takes over: page limits are never off.
// Mail budgets and tries are no business of this package, they hold in the database.
//
// Callers hash their keys first; the package sees no address and no client, knows nothing of HTTP, and
// imports nothing of ours.
package limit
