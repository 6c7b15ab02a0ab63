package main

import (
	"context"
	"io"
	"log/slog"
	"time"

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

// observe counts what the rules tell of. Where the budget of all mail is spent, no customer is mailed a code and each
// page looks as ever: that is for the log to say.
func (a *app) observe(act string) {
	a.metrics.Step(act)
	if act != recovery.CappedAll {
		return
	}
	if mails, tell := a.mailSpent.Met(time.Now()); tell {
		a.log.Error("the hour's budget of all mail is spent: nobody is mailed a code until mails leave it", "mails", mails,
			"hint", "if these are customers, raise --global-hour; if it is a flood, find its networks at your proxy")
	}
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
