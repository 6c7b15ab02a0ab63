// Package customerportal asks the vendor's customer portal over the Customer Portal API: a client of
// openapi.yaml, which stands beside it and is embedded, and the JSON shapes of that document, which a
// server that speaks the API shares.
//
// The client turns answers into plain account data or into an error that wraps recovery.ErrPortal, and
// nothing in between: an answer that is not exactly what the document says is no answer. It knows
// nothing of cases, pages or situations, and no text it makes holds an address, a token or a URL.
package customerportal
