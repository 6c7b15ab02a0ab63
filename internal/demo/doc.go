// Package demo is what `latchkey demo` has beside Latchkey itself: a customer portal that speaks the
// Customer Portal API and has the vendor's web pages, its customers, the mail log that the portal and
// the identity provider would write, the portal's suppression lists, and an inbox that takes the place of
// everybody's mailbox.
//
// It owns two SQLite files in the data folder. It stands for other people's systems, which know nothing of
// cases, situations and proofs, and Latchkey reaches it only as it reaches a real vendor, over the API
// and by redirects. One thing of its own knows cases: FillMonth, which writes a made-up month of them into
// Latchkey's store, so that the report has something to show.
package demo
