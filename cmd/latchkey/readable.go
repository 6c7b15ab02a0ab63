package main

import (
	"log/slog"
	"os"
	"runtime"

	"latchkey/internal/config"
)

// warnOfReadable tells of files of secrets that every user of this machine may read: with the keys alone anybody makes
// the links that are mailed. It is no reason not to start, for in a container there may be no other user.
func warnOfReadable(log *slog.Logger, files []config.SecretFile) {
	if runtime.GOOS == "windows" { // has no such bits
		return
	}
	for _, f := range files {
		if about, err := os.Stat(f.Name); err == nil && about.Mode().Perm()&0o004 != 0 {
			log.Warn("every user of this machine may read a file of secrets: chmod o-r it", "file", f.Name, "flag", "--"+f.Flag)
		}
	}
}
