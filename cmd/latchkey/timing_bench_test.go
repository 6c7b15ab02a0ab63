package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/load"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

var pairs = flag.Int("pairs", 2000, "BenchmarkKnownAgainstUnknown: pairs of starts; the full length is 20000")

// tells is the most that time may tell with so many pairs: 0.01, and with fewer than 20,000 what chance alone
// may do.
func tells(pairs int) float64 { return max(0.01, 3.5/math.Sqrt(6*float64(pairs))) }

// BenchmarkKnownAgainstUnknown starts for addresses that have an account and for addresses that have none, in
// turn on one connection, and asks whether the time of the answer tells them apart (R1). The same is done
// with a look-up of 300 µs put before the start of the known ones, which has to be seen: otherwise this
// measures nothing.
//
//	go test ./cmd/latchkey -run '^$' -bench KnownAgainstUnknown -benchtime 1x -pairs 20000
func BenchmarkKnownAgainstUnknown(b *testing.B) {
	for b.Loop() {
		if auc, most := timed(b, 0), tells(*pairs); math.Abs(auc-0.5) > most {
			b.Errorf("time tells known from unknown addresses: AUC %.4f, want 0.5 within %.4f", auc, most)
		}
		if auc, most := timed(b, 300*time.Microsecond), tells(*pairs); auc-0.5 <= most {
			b.Errorf("a look-up of 300 µs is not seen: AUC %.4f, want more than %.4f", auc, 0.5+most)
		}
	}
}

// timed is the AUC of known against unknown addresses, with a look-up before the known.
func timed(b *testing.B, lookup time.Duration) float64 {
	b.Helper()
	ctx, end := context.WithCancel(b.Context())
	known := map[string]bool{}
	addresses := make([]string, 2**pairs)
	for i := range addresses {
		addresses[i] = strings.ToLower(rand.Text()) + "@example.com"
		known[addresses[i]] = i%2 == 0
	}
	at, ended := serveTimed(ctx, b, known, lookup)
	conn, err := load.Dial(ctx, at)
	if err != nil {
		b.Fatal(err)
	}
	var took [2][]time.Duration // of the known, of the unknown
	for i := range *pairs {
		first := mathrand.N(2) // nobody is always the second
		for _, which := range []int{first, 1 - first} {
			took[which] = append(took[which], startTimed(b, conn, 2*i+which, addresses[2*i+which]))
		}
	}
	end()
	if err := errors.Join(conn.Close(), <-ended); err != nil {
		b.Fatal(err)
	}
	auc := load.AUC(took[1], took[0])
	b.ReportMetric(auc, fmt.Sprintf("AUC/%s", lookup))
	b.Logf("%d pairs, look-up %s: AUC %.4f", *pairs, lookup, auc)
	return auc
}

func startTimed(b *testing.B, conn *load.Conn, n int, address string) time.Duration {
	browser := load.NewBrowser(n, address)
	if err := browser.Open(conn, "/"); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := browser.Start(conn); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// slowStart is rules that look up an account before a start.
type slowStart struct {
	handlers.Recovery
	known map[string]bool
	time  time.Duration
}

func (s slowStart) StartNewcomer(ctx context.Context, v *recovery.Visitor, a account.Address) error {
	if s.known[a.String()] {
		time.Sleep(s.time)
	}
	return s.Recovery.StartNewcomer(ctx, v, a)
}

// serveTimed runs serve as it is, and with a look-up only where that is asked for.
func serveTimed(ctx context.Context, b *testing.B, known map[string]bool, lookup time.Duration) (at string, ended <-chan error) {
	b.Helper()
	mailbox, err := load.OpenMailbox(ctx)
	if err != nil {
		b.Fatal(err)
	}
	portal, err := load.OpenPortal(ctx, func(email string) bool { return known[email] })
	if err != nil {
		b.Fatal(err)
	}
	pages, err := listen(ctx, "127.0.0.1:0", "listen")
	if err != nil {
		b.Fatal(err)
	}
	keys, err := secret.Generate()
	if err != nil {
		b.Fatal(err)
	}
	c, err := config.Load([]string{
		"serve", "--public-url", originOf(pages), "--data", b.TempDir(), "--keys", keys, "--limit-scale", "1000000",
		"--trusted-proxies", "127.0.0.1/32", "--portal-url", portal.URL(), "--portal-token", "t", "--portal-origins", portal.URL(),
		"--support-email", "support@example.com", "--mail", "smtp", "--smtp-address", mailbox.At(), "--smtp-tls", "none",
		"--mail-from", "Example <help@example.com>",
	}, func(string) string { return "" })
	if err != nil {
		b.Fatal(err)
	}
	p, err := servedParts(c.Options)
	if err != nil {
		b.Fatal(err)
	}
	a, err := assemble(ctx, c.Options, p, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	if lookup > 0 {
		if a.pages, err = a.pagesOver(slowStart{a.service, known, lookup}); err != nil {
			b.Fatal(err)
		}
	}
	done := make(chan error, 1)
	go func() {
		err := a.run(ctx, server{"pages", pages, a.pages})
		done <- errors.Join(err, mailbox.Close(), portal.Close())
	}()
	return pages.Addr().String(), done
}
