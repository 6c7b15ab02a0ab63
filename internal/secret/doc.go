// Package secret holds the key ring: it derives and checks codes and link tokens, keyed hashes, form
// tokens and cookie keys, and seals what a support link says, each with a sub-key of its own (HKDF, RFC 5869);
// and it makes random ids.
//
// Nothing it derives needs to be stored, so nothing at rest lets anyone use a challenge. Keys rotate:
// the first of a key file is the current one, retired ones still verify, but for support links. The address key
// stays for ever.
//
// The package stores nothing, logs nothing and knows nothing of cases; it imports nothing of ours.
package secret
