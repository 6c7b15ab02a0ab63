package load

import (
	"context"
	"database/sql"
	"net/url"
)

// DropSchema removes a schema with all that is in it.
func DropSchema(ctx context.Context, server, name string) error {
	return execute(ctx, server, "DROP SCHEMA "+name+" CASCADE")
}

func execute(ctx context.Context, server, statement string) error {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// NewSchema makes an empty schema on a PostgreSQL server and returns the URL of it.
func NewSchema(ctx context.Context, server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	if err := execute(ctx, server, "CREATE SCHEMA "+name); err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
