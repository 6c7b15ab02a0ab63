package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the tables up to date. It may be called at every start.
func (s *Store) Migrate(ctx context.Context) (err error) {
	db, err := sql.Open(driverName, writerDSN(s.path))
	if err != nil {
		return wrap("migrate", err)
	}
	defer func() { err = errors.Join(err, wrap("migrate", db.Close())) }()
	db.SetMaxOpenConns(1)
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return wrap("migrate", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return wrap("migrate", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("cannot bring the database at %s up to date: %w", s.path, err)
	}
	return nil
}
