package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"latchkey/internal/config"
	"latchkey/internal/sqlstore"
)

// runMigrate brings the database to this version. serve does so as well; this is for those who want it
// done before, or by somebody else.
func runMigrate(ctx context.Context, o config.Options, stdout io.Writer) error {
	store, err := openStore(ctx, o.Storage)
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "the database is up to date")
	return err
}

// openStore opens the database and brings it to this version. The data folder is made if need be; the
// folder of a database that is somewhere else is somebody else's, as is a server.
func openStore(ctx context.Context, s config.Storage) (*sqlstore.Store, error) {
	if filepath.Dir(s.Database) == filepath.Clean(s.Data) {
		if err := makeFolder(s.Data); err != nil {
			return nil, err
		}
	}
	store, err := sqlstore.Open(ctx, s.Database)
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}
