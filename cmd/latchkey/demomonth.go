package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/demo"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// newDatabase reports whether the demo is about to make its database in the data folder. Into one that is
// there, or is somewhere else, it writes nothing of its own making.
func newDatabase(s config.Storage) bool {
	if filepath.Dir(s.Database) != filepath.Clean(s.Data) {
		return false
	}
	_, err := os.Stat(s.Database)
	return errors.Is(err, fs.ErrNotExist)
}

// fillMonth gives the report of a new demo a month of made-up cases.
func fillMonth(ctx context.Context, store recovery.Store, keys *secret.Ring) error {
	return demo.FillMonth(ctx, demo.MonthConfig{Store: store, Now: time.Now(), Hash: keys.HashAddress})
}
