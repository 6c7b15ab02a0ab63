package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"latchkey/internal/fault"
)

// readiness asks the database for /readyz, and tells the log when that says no: proxies look elsewhere then, and no
// request comes any more that would say why.
type readiness struct {
	ping func(ctx context.Context) error
	log  *slog.Logger
	now  func() time.Time
	lost fault.Outage
}

func (r *readiness) ask(ctx context.Context) error {
	err := r.ping(ctx)
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // who asked has left
	case err == nil:
		if after, was := r.lost.Over(r.now()); was {
			r.log.Info("ready again", "after", after)
		}
	default:
		if times, tell := r.lost.Met(r.now()); tell {
			r.log.Error("not ready for customers", "error", err, "times", times)
		}
	}
	return err
}
