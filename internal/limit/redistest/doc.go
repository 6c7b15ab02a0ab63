// Package redistest runs Redis, as Debian has it, for tests.
//
// It owns the server's folder and life. It knows nothing of ours.
package redistest
