package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestTheLogSaysWhyItIsNotReady(t *testing.T) {
	var log bytes.Buffer
	var fault error
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := readiness{
		ping: func(context.Context) error { return fault }, now: func() time.Time { return now },
		log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	ask := func(ctx context.Context, after time.Duration, want string) {
		t.Helper()
		log.Reset()
		now = now.Add(after)
		if err := r.ask(ctx); !errors.Is(err, fault) {
			t.Errorf("got %v, want %v", err, fault)
		}
		if got := log.String(); strings.Count(got, "\n") > 1 || !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("the log says %q, want %q", got, want)
		}
	}
	ask(t.Context(), 0, "")
	fault = errors.New("its disk is full")
	left, leave := context.WithCancel(t.Context())
	leave()
	ask(left, time.Second, "")
	ask(t.Context(), time.Second, `level=ERROR msg="not ready for customers" error="its disk is full" times=1`)
	ask(t.Context(), time.Second, "")
	ask(t.Context(), time.Minute, "times=2")
	fault = nil
	ask(t.Context(), time.Second, `level=INFO msg="ready again" after=1m2s`)
	ask(t.Context(), time.Second, "")
}
