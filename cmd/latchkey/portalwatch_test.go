package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"latchkey/internal/customerportal"
	"latchkey/internal/ops"
)

// A portal that fails is told of at once, once a minute for each call and kind of fault, with what to look at; and
// that it is back is told once.
func TestAPortalThatFailsIsTold(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	w := newPortalWatch(ops.NewMetrics("test"), slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now })
	said := func(op customerportal.Op, failure *customerportal.Error) string {
		log.Reset()
		w.PortalCalled(op, failure, time.Millisecond)
		return log.String()
	}
	fault := func(outcome customerportal.Outcome, status int) *customerportal.Error {
		return &customerportal.Error{Op: customerportal.OpHealth, Outcome: outcome, Status: status, Cause: errors.New("the cause")}
	}
	refused := fault(customerportal.OutcomeRefused, 401)
	if got := said(customerportal.OpHealth, nil); got != "" {
		t.Errorf("of one that answers: %s", got)
	}
	if got := said(customerportal.OpHealth, refused); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "the cause") || !strings.Contains(got, "--portal-token") {
		t.Errorf("of one that refuses: %s", got)
	}
	for _, tt := range []struct {
		name    string
		after   time.Duration
		op      customerportal.Op
		failure *customerportal.Error
		told    string
	}{
		{"the same again", 59 * time.Second, customerportal.OpHealth, refused, ""},
		{"another call", 0, customerportal.OpSignInLink, refused, "--portal-token"},
		{"another fault", 0, customerportal.OpHealth, fault(customerportal.OutcomeNetwork, 0), "reached from here"},
		{"a wrong path", 0, customerportal.OpHealth, fault(customerportal.OutcomeRefused, 404), "before /v1"},
		{"its own fault", 0, customerportal.OpHealth, fault(customerportal.OutcomeFailed, 503), "its own log"},
		{"nonsense", 0, customerportal.OpHealth, fault(customerportal.OutcomeNonsense, 200), "conformance"},
		{"the same a minute later", time.Second, customerportal.OpHealth, refused, "level=WARN"},
		{"who asked has left", 0, customerportal.OpConfirmationLink, &customerportal.Error{Outcome: customerportal.OutcomeNetwork, Cause: context.Canceled}, ""},
		{"it is back", 0, customerportal.OpHealth, nil, "answers again"},
		{"it is still there", 0, customerportal.OpHealth, nil, ""},
		{"another call is not back", 0, customerportal.OpAccountsByEmail, nil, ""},
	} {
		now = now.Add(tt.after)
		if got := said(tt.op, tt.failure); !strings.Contains(got, tt.told) || tt.told == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.told)
		}
	}
}
