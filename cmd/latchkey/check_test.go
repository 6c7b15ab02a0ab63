package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"

	"latchkey/internal/ops"
)

// nobodyAt is an address at which nobody listens any more.
func nobodyAt(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return l.Addr().String()
}

// A mail server and a Redis that cannot be used are told of when serve starts, and not at the first customer; that the
// server ends meanwhile is no fault of theirs, and who has none of them is told nothing.
func TestTheSystemsAreCheckedAtTheStart(t *testing.T) {
	o := options(t, append(append([]string{}, serving...), "--smtp-address", nobodyAt(t), "--smtp-tls", "none",
		"--redis-url", "redis://"+nobodyAt(t))...)
	sender, err := newSender(o)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := newCounts(o)
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		of   parts
		want []string
	}{
		{"both are away", t.Context(), parts{sender: sender, counts: counts}, []string{"the mail server cannot be used", "refused", "limits fall back to memory"}},
		{"the server ends", ended, parts{sender: sender, counts: counts}, nil},
		{"there are none", t.Context(), parts{}, nil},
	} {
		var log bytes.Buffer
		a := &app{parts: tt.of, log: slog.New(slog.NewTextHandler(&log, nil)), metrics: ops.NewMetrics("test")}
		a.checkMail(tt.ctx)
		a.checkCounts(tt.ctx)
		for _, want := range tt.want {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: logged is %q, want %q", tt.name, log.String(), want)
			}
		}
		if tt.want == nil && log.Len() > 0 {
			t.Errorf("%s: logged is %q, want nothing", tt.name, log.String())
		}
	}
}
