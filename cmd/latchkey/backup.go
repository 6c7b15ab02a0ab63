package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"latchkey/internal/config"
	"latchkey/internal/sqlstore"
)

// runBackup writes a copy of the database. It may run beside a server, and changes nothing, not even to bring
// the tables to this version.
func runBackup(ctx context.Context, c config.Config, stdout io.Writer) error {
	if !strings.Contains(c.Database, "://") {
		if _, err := os.Stat(strings.TrimPrefix(c.Database, "sqlite:")); err != nil {
			return fmt.Errorf("no database at %s: %w", c.Database, cause(err))
		}
	}
	store, err := sqlstore.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	if err := errors.Join(store.Backup(ctx, c.File), store.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "backed up to", c.File)
	return err
}
