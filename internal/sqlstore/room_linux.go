package sqlstore

import "syscall"

// freeBytes is what the disk of a folder has left for who is not root.
func freeBytes(folder string) (bytes uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil || s.Bsize <= 0 {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
