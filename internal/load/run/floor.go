package main

import (
	"context"
	"flag"
	"io"

	"latchkey/internal/load"
)

// runFloor is the process of a floor, which table starts.
func runFloor(ctx context.Context, f *flag.FlagSet, args []string, _ io.Writer) error {
	at := f.String("listen", "", "address of loopback")
	database := f.String("database", "", "SQLite file or PostgreSQL URL")
	shared := f.Bool("shared", false, "requests share commits")
	if err := f.Parse(args); err != nil {
		return err
	}
	return load.ServeFloor(ctx, *at, *database, *shared)
}
