// Package recovery holds the rules of a case: start, prove a mailbox, diagnose, act, hand off.
//
// It declares the ports it needs (Store, CustomerPortal, MailLog) and knows nothing of HTTP, SQL or the
// words on a page. Every rule about time uses the clock it is given.
package recovery
