package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
)

// The migrations are one text for both engines. Processes of this version and of the next run side by side
// while a vendor updates, so a migration only adds: a column with a default, a table, an index. What is no
// longer used goes a version later.
//
//go:embed migrations/*.sql
var migrations embed.FS

// upToDate reports whether all migrations were made. Where it cannot be told, they were not: then migrateUp says
// what is wrong. At most starts there is nothing to do, and one query says so; goose would open connections of
// its own and look several times.
func upToDate(ctx context.Context, db *sql.DB) bool {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return false
	}
	made, err := versions(ctx, db)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(files, func(f fs.DirEntry) bool {
		version, err := goose.NumericComponent(f.Name())
		return err != nil || !slices.Contains(made, version)
	})
}

// versions are the migrations that goose noted as made.
func versions(ctx context.Context, db *sql.DB) ([]int64, error) {
	return column[int64](db.QueryContext(ctx, "SELECT version_id FROM "+goose.DefaultTablename+" WHERE is_applied"))
}

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
