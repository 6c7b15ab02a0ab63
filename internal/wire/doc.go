// Package wire is what the clients of other systems have in common: they hand nothing on to where an answer points,
// give up in time, tell of a fault what holds no address and no secret, and wait as long as they are asked to. It
// knows none of those systems.
package wire
