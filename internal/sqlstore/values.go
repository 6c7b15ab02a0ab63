package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/internal/recovery"
)

// millis is how a time is kept: milliseconds since 1970, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// wrap says what was tried. The text of a database's error names tables and columns and no value, so no
// address gets into it (R11).
func wrap(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return recovery.ErrNotFound
	}
	return fmt.Errorf("sqlstore: %s: %w", what, asAway(err))
}

// hit reports whether a conditional write found its row.
func hit(what string, rows int64, err error) (bool, error) { return rows > 0, wrap(what, err) }

// each turns the rows of a look-up into what the caller knows.
func each[Row, Value any](what string, rows []Row, err error, value func(Row) Value) ([]Value, error) {
	if err != nil || len(rows) == 0 {
		return nil, wrap(what, err)
	}
	values := make([]Value, len(rows))
	for i, row := range rows {
		values[i] = value(row)
	}
	return values, nil
}

// column is what the rows of a query have, which is one value each.
func column[Value any](rows *sql.Rows, err error) (all []Value, failed error) {
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, rows.Close()) }()
	for rows.Next() {
		var v Value
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// inTurn runs statements that take one and the same value, until one fails.
func inTurn(ctx context.Context, value string, statements ...func(context.Context, string) error) error {
	for _, run := range statements {
		if err := run(ctx, value); err != nil {
			return err
		}
	}
	return nil
}

// storable takes out of texts what PostgreSQL cannot keep: NUL, and bytes that are no UTF-8. A customer may
// have typed it.
func storable(args []any) []any {
	for i, arg := range args {
		text, ok := arg.(string)
		if ok && (strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text)) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
		}
	}
	return args
}
