package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/sqlstore"
)

// runMigrate brings the database to this version. serve does so as well; this is for those who want it
// done before, or by somebody else.
func runMigrate(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	what := upToDate(c.Database)
	end := busy(stderr, "Bringing the database up to date")
	store, err := openStore(ctx, c.Storage)
	end()
	if err != nil {
		return err
	}
	carried, err := carryStops(ctx, store, c.StopsFrom)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, what+carried)
	return err
}

// upToDate is what there is to say once the migration is done. A file is named, and that it is new: most likely
// another was meant, since there was none. A URL may hold a password.
func upToDate(database string) string {
	path, file := sqlstore.File(database)
	if !file {
		return "the database is up to date"
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "a new database was made at " + path + " (another is named with --data, its folder, or --database)"
	}
	return "the database at " + path + " is up to date"
}

// carryStops has those who asked another installation for no more mail get none from this one.
func carryStops(ctx context.Context, to *sqlstore.Store, database string) (said string, err error) {
	if database == "" {
		return "", nil
	}
	from, err := sqlstore.OpenExisting(ctx, database, sqlstore.ToRead())
	if err != nil {
		return "", fmt.Errorf("--stops-from: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	n, err := to.CarryStops(ctx, from, time.Now())
	return fmt.Sprintf(", and %d stops were carried over", n), err
}

// openStore opens the database and brings it to this version. The data folder is made if need be; the
// folder of a database that is somewhere else is somebody else's, as is a server.
func openStore(ctx context.Context, s config.Storage) (*sqlstore.Store, error) {
	store, err := connectStore(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// connectStore opens the database as it is.
func connectStore(ctx context.Context, s config.Storage) (*sqlstore.Store, error) {
	if filepath.Dir(s.Database) == filepath.Clean(s.Data) {
		if err := makeFolder(s.Data); err != nil {
			return nil, err
		}
	}
	return lookInto(ctx, s.Database, sqlstore.Open)
}
