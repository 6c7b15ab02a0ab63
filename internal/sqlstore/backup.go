package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrOtherBackup is returned by Backup for an engine that has tools of its own for it.
var ErrOtherBackup = errors.New("a PostgreSQL database is backed up by its own tools: pg_dump --format=custom, or those of its server")

// Backup writes the database as it is at this moment to a new file, while others go on using it. What it
// leaves is whole and on the disk, or nothing.
func (s *Store) Backup(ctx context.Context, file string) error { return s.engine.backup(ctx, file) }

func (p *postgres) backup(context.Context, string) error { return ErrOtherBackup }

func (f *sqliteFile) backup(ctx context.Context, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // as private as the database
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("there is a file %s already, and it is left as it is: name another", file)
	}
	if err != nil {
		return fmt.Errorf("cannot write the backup %s: %w", file, cause(err))
	}
	err = f.vacuumInto(ctx, file)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(fmt.Errorf("cannot write the backup %s: %w", file, err), os.Remove(file))
	}
	return nil
}

// Scrub removes what the files still hold of rows that were deleted: on SQLite all, also while a server runs. On
// PostgreSQL it is nothing: there a row's place is used again in time (VACUUM), and its own log, copies and
// backups are for its administrator.
func (s *Store) Scrub(ctx context.Context) error { return s.engine.scrub(ctx) }

func (p *postgres) scrub(context.Context) error { return nil }

// scrub empties the log beside the file, whose pages hold what they held before; in the file itself deleted rows
// are overwritten (secure_delete).
func (f *sqliteFile) scrub(ctx context.Context) (err error) {
	db, err := sql.Open(driverName, dsn(f.path, []string{"busy_timeout(5000)"}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var busy, pages, done int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &done)
	if err == nil && busy != 0 {
		err = fmt.Errorf("others keep %s-wal busy: try again", f.path)
	}
	return wrap("scrub", err)
}

func (f *sqliteFile) vacuumInto(ctx context.Context, file string) error {
	db, err := sql.Open(driverName, dsn(f.path, []string{"busy_timeout(5000)"}))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO $1", file)
	return errors.Join(err, db.Close())
}
