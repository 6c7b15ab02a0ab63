// Package conformance asks a vendor's implementation of the Customer Portal API what openapi.yaml says of
// it, and tells check by check what is right, what is wrong, with the request and the answer that show it,
// and what could not be checked for want of a test account.
//
// It speaks HTTP by itself and not through the client, which is lenient where it can be and hides what it
// refuses. It knows nothing of Latchkey's cases. What it prints never holds the token or a working link.
package conformance
