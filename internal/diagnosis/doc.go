// Package diagnosis says why a customer cannot sign in: facts in, findings out.
//
// It is pure: no I/O and no clock of its own. Each situation is one file with one rule; the registry is
// the only list of them, and help pages, demo customers, texts and reports range over it. The package
// knows accounts and nothing of cases, pages or mail.
package diagnosis
