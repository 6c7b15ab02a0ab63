//go:build !linux

package sqlstore

// freeBytes is Linux' alone.
func freeBytes(string) (bytes uint64, known bool) { return 0, false }
