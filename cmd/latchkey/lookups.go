package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/fault"
	"latchkey/internal/recovery"
)

// lookups tells the log where what only explains a case cannot be looked up. Customers get their page all the same,
// with a check that could not be made: a key that has expired is for the log alone to say.
type lookups struct {
	of  string
	log *slog.Logger
	fault.Outage
}

// ended is told how each look-up ended. Who has left says nothing of what was asked, and that there is nobody is an
// answer.
func (l *lookups) ended(ctx context.Context, err error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	if err == nil || errors.Is(err, recovery.ErrNotFound) {
		if after, was := l.Over(time.Now()); was {
			l.log.Info("a look-up gives usable answers again", "of", l.of, "after", after)
		}
		return
	}
	if times, tell := l.Met(time.Now()); tell {
		l.log.Warn("a look-up gives no usable answer: customers are told that we could not check",
			"of", l.of, "error", err, "times", times)
	}
}

// watchMailLog and its like are nil where there is nothing to watch.
func watchMailLog(of recovery.MailLog, log *slog.Logger) recovery.MailLog {
	if of == nil {
		return nil
	}
	return toldMailLog{of, &lookups{of: "password resets (--mail-log)", log: log}}
}

type toldMailLog struct {
	recovery.MailLog
	told *lookups
}

func (l toldMailLog) PasswordResets(ctx context.Context, a account.Address, since time.Time) (account.Resets, error) {
	found, err := l.MailLog.PasswordResets(ctx, a, since)
	l.told.ended(ctx, err)
	return found, err
}

func watchSuppressions(of recovery.Suppressions, log *slog.Logger) recovery.Suppressions {
	if of == nil {
		return nil
	}
	return toldSuppressions{of, &lookups{of: "suppressions (--mail-suppressions)", log: log}}
}

type toldSuppressions struct {
	recovery.Suppressions
	told *lookups
}

func (s toldSuppressions) Of(ctx context.Context, address string) ([]account.Suppression, error) {
	listed, err := s.Suppressions.Of(ctx, address)
	s.told.ended(ctx, err)
	return listed, err
}

func watchIdentities(of recovery.Identities, log *slog.Logger) recovery.Identities {
	if of == nil {
		return nil
	}
	return toldIdentities{of, &lookups{of: "identities (--gitlab-url)", log: log}}
}

type toldIdentities struct {
	recovery.Identities
	told *lookups
}

func (i toldIdentities) BySubject(ctx context.Context, subject string) (account.Identity, error) {
	found, err := i.Identities.BySubject(ctx, subject)
	i.told.ended(ctx, err)
	return found, err
}

func (i toldIdentities) ByEmail(ctx context.Context, address account.Address) (account.Identity, error) {
	found, err := i.Identities.ByEmail(ctx, address)
	i.told.ended(ctx, err)
	return found, err
}
