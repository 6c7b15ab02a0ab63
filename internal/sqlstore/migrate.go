package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// The migrations are one text for both engines. Processes of this version and of the next run side by side
// while a vendor updates, so a migration only adds: a column with a default, a table, an index. What is no
// longer used goes a version later.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrateUp brings the tables of db up to date and closes db.
func migrateUp(ctx context.Context, db *sql.DB, dialect goose.Dialect, opts ...goose.ProviderOption) (err error) {
	defer func() { err = errors.Join(err, db.Close()) }()
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	opts = append(opts, goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(dialect, db, folder, opts...)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
