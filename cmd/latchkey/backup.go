package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"latchkey/internal/config"
	"latchkey/internal/sqlstore"
)

// runBackup writes a copy of the database. It may run beside a server, and changes nothing, not even to bring
// the tables to this version.
func runBackup(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	store, err := lookInto(ctx, c.Database, sqlstore.OpenExisting, sqlstore.ToRead())
	if err != nil {
		return err
	}
	end := busy(stderr, "Copying the database")
	err = errors.Join(store.Backup(ctx, c.File), store.Close())
	end()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "backed up to", c.File)
	return err
}
