// Package dryrun makes a diagnosis for an admin or a support agent: what is known of an address, what follows
// from it, and what its customer would see. It owns the shape of that, which is also the JSON of `latchkey
// diagnose`. It needs no Store and writes nothing.
package dryrun
