// Package secret holds the key ring: it derives and checks codes and link tokens, keyed hashes, form
// tokens and cookie keys, each from a sub-key of its own (HKDF, RFC 5869).
//
// It stores nothing and knows nothing of cases; it imports nothing of ours.
package secret
