package sqlstore

import "syscall"

// diskOf is what the disk of a folder has left for who is not root, and has in all, in bytes.
func diskOf(folder string) (free, size uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil || s.Bsize <= 0 {
		return 0, 0, false
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), true
}
