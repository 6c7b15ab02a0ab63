package desk_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"latchkey/internal/desk"
)

func TestALateHandOffIsToldOfOnceADay(t *testing.T) {
	var log bytes.Buffer
	now := start
	var late []string
	var fault error
	w := desk.Watch{
		Late: func(_ context.Context, before time.Time) ([]string, error) {
			if want := now.Add(-24 * time.Hour); !before.Equal(want) {
				t.Errorf("asked for what was made before %v, want %v", before, want)
			}
			return late, fault
		},
		After: 24 * time.Hour, Again: 24 * time.Hour, Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	look := func(after time.Duration, want string, references ...string) {
		t.Helper()
		now, late = now.Add(after), references
		log.Reset()
		if err := w.Look(t.Context()); !errors.Is(err, fault) {
			t.Errorf("got %v, want %v", err, fault)
		}
		lines := strings.Count(log.String(), "level=ERROR")
		if (want == "") != (lines == 0) || !strings.Contains(log.String(), want) || lines > 1 {
			t.Errorf("the log says %q, want one line with %q", log.String(), want)
		}
	}
	look(0, "")
	look(time.Hour, "case=LK-A", "LK-A")
	look(time.Hour, "", "LK-A")
	look(time.Hour, "case=LK-B", "LK-A", "LK-B", "LK-B") // two of its deliveries wait
	look(22*time.Hour, "case=LK-A", "LK-A", "LK-B")
	look(time.Hour, "")                    // the desk took both
	look(time.Minute, "case=LK-A", "LK-A") // late once more
	fault = errors.New("the database is away")
	look(time.Hour, "")
}
