// Package diagnosis says why a customer cannot sign in: facts in, findings out.
//
// It is pure: no I/O and no clock of its own. Each situation is one file with one rule; the registry is
// the only list of them, and help pages, demo customers, texts and reports range over it. The package
// knows accounts and nothing of cases, pages or mail.
//
// A new situation is a file with its ID and a function that returns its Situation, and that function's
// name in registry.go. Tests then name what it still lacks: texts, a drawing, a demo customer.
package diagnosis
