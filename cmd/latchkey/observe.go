package main

import (
	"context"
	"io"
	"log/slog"

	"latchkey/internal/config"
	"latchkey/internal/limit"
	"latchkey/internal/ops"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

func newLog(w io.Writer, l config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.LogLevel)) // config has checked it
	options := &slog.HandlerOptions{Level: level}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// outboxMetrics and countedLimits let parts that know nothing of ops report to it.
type outboxMetrics struct{ *ops.Metrics }

func (m outboxMetrics) MailFailed(kind recovery.Kind, class outbox.Class) {
	final := class != outbox.ClassTemporary && class != outbox.ClassProvider
	m.Metrics.MailFailed(kind, string(class), final)
}

type countedLimits struct {
	*limit.Limits
	metrics *ops.Metrics
}

func (l countedLimits) Allow(ctx context.Context, name limit.Name, key string) limit.Decision {
	d := l.Limits.Allow(ctx, name, key)
	if !d.OK {
		l.metrics.LimitRefused(string(name))
	}
	return d
}
