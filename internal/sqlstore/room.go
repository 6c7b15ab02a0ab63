package sqlstore

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/internal/recovery"
)

// fewestFree is how many bytes a disk has to have for a database that found it full to be taken for one that can go
// on: what SQLite's log grows to between two checkpoints. What is just enough for one small row and not for the next
// is none, or /readyz would come and go. Of a small disk an eighth is enough: it may never have more.
const fewestFree = 4 << 20

var errFull = fmt.Errorf("%w: its disk is full", recovery.ErrStore)

// room knows whether the disk of a file is full. That a write failed does not say so by itself, and neither does a
// disk on which nothing had to grow yet: both together do.
type room struct {
	disk    func() (free, size uint64, known bool) // in bytes
	refused atomic.Bool
}

func roomAt(path string) *room {
	return &room{disk: func() (uint64, uint64, bool) {
		file, err := filepath.EvalSymlinks(path)
		if err != nil {
			return 0, 0, false
		}
		return diskOf(filepath.Dir(absolute(file)))
	}}
}

// wrote is told how each write ended.
func (r *room) wrote(err error) {
	if refused, ok := errors.AsType[*sqlite.Error](err); ok {
		switch refused.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
			r.refused.Store(true)
		}
	}
}

// full forgets the write that failed once there is room.
func (r *room) full() bool {
	if !r.refused.Load() {
		return false
	}
	free, size, known := r.disk()
	still := known && free < min(fewestFree, size/8)
	r.refused.Store(still)
	return still
}
