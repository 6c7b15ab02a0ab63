package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// system is all that only explains a case. It answers err.
type system struct{ err error }

func (system) Provider() string { return "gitlab" }

func (s system) PasswordResets(context.Context, account.Address, time.Time) (account.Resets, error) {
	return account.Resets{}, s.err
}

func (s system) Of(context.Context, string) ([]account.Suppression, error) { return nil, s.err }

func (s system) BySubject(context.Context, string) (account.Identity, error) {
	return account.Identity{}, s.err
}

func (s system) ByEmail(context.Context, account.Address) (account.Identity, error) {
	return account.Identity{}, s.err
}

// lookUps are all that there are, each over a system.
func lookUps(s *system, log *slog.Logger) map[string]func(context.Context) error {
	mailLog, lists, identities := watchMailLog(s, log), watchSuppressions(s, log), watchIdentities(s, log)
	return map[string]func(context.Context) error{
		"--mail-log": func(ctx context.Context) error {
			_, err := mailLog.PasswordResets(ctx, account.Address{}, time.Time{})
			return err
		},
		"--mail-suppressions": func(ctx context.Context) error {
			_, err := lists.Of(ctx, "")
			return err
		},
		"--gitlab-url": func(ctx context.Context) error {
			_, err := identities.BySubject(ctx, "7")
			_, other := identities.ByEmail(ctx, account.Address{})
			return errors.Join(err, other)
		},
	}
}

// A key that has expired shows on no page but as a check that could not be made, and nobody would know.
func TestALookUpThatFailsIsTold(t *testing.T) {
	var log bytes.Buffer
	s := &system{}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for flag, ask := range lookUps(s, slog.New(slog.NewTextHandler(&log, nil))) {
		log.Reset()
		s.err = nil
		_ = ask(t.Context())
		s.err = recovery.ErrNotFound
		_ = ask(t.Context())
		s.err = errors.New("status 401")
		_ = ask(gone)
		if log.Len() != 0 {
			t.Errorf("%s: told of an answer, or of who has left: %s", flag, log.String())
		}
		for range 3 {
			if err := ask(t.Context()); !errors.Is(err, s.err) {
				t.Errorf("%s: the fault came out as %v", flag, err)
			}
		}
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") ||
			!strings.Contains(got, flag) || !strings.Contains(got, "status 401") {
			t.Errorf("%s: told %q, want one warning", flag, got)
		}
		log.Reset()
		s.err = nil
		if _ = ask(t.Context()); !strings.Contains(log.String(), "again") {
			t.Errorf("%s: that it is over is not told: %s", flag, log.String())
		}
	}
}

// What is not configured stays so: its check is not made and not listed.
func TestWhatIsNotConfiguredIsNotWatched(t *testing.T) {
	if l, s, i := watchMailLog(nil, nil), watchSuppressions(nil, nil), watchIdentities(nil, nil); l != nil || s != nil || i != nil {
		t.Errorf("watched: %v %v %v", l, s, i)
	}
}

// The rules look up by what is watched.
func TestTheRulesLookUpByWhatIsWatched(t *testing.T) {
	o := options(t, append(append([]string{}, serving...), "--gitlab-url", "https://gitlab.example.com", "--gitlab-token", "t")...)
	o.Database = filepath.Join(t.TempDir(), "latchkey.db")
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	o.Keys = keys
	p, err := servedParts(o)
	if err != nil {
		t.Fatal(err)
	}
	p.reads = reads{system{}, system{}}
	a, err := assemble(t.Context(), o, p, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.store.Close() })
	for _, used := range []any{a.service.MailLog, a.service.Suppressions, a.service.Identities} {
		switch used.(type) {
		case toldMailLog, toldSuppressions, toldIdentities:
		default:
			t.Errorf("%T is not watched", used)
		}
	}
}
