// Package fault keeps what a panic leaves: where it arose, for the log and for another goroutine to go on with,
// and its value, which is never logged.
package fault
