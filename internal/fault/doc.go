// Package fault is what the log is told of faults: where a panic arose, and never its value; and of one that
// lasts, that it began, that it lasts and that it is over, not each time that it is met.
package fault
