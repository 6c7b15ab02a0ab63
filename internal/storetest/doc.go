// Package storetest is the conformance suite of recovery.Store: whoever passes it may keep Latchkey's data.
//
// It knows the contract and no implementation. Its clock stands still; time passes by naming another
// moment.
package storetest
