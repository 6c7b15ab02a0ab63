// Package archtest is a test that holds the arrows of DESIGN §3: which package may import which, who
// alone may import a library, that every package says what it owns, and which folders there are.
//
// The rules are tables in rules_test.go. It has no code outside its tests and imports nothing of ours.
package archtest
