//go:build !linux

package sqlstore

// diskOf is Linux' alone.
func diskOf(string) (free, size uint64, known bool) { return 0, 0, false }
