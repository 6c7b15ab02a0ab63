package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/load"
)

// past is how many cases are past their retention, however many there are in all.
const past = 5000

// growth measures the same on databases of more and more cases.
type growth struct {
	out      io.Writer
	binary   string
	postgres string
	dir      string
	keep     bool
	folder   string
	plan     load.Plan
	first    []load.Row
}

// runGrowth prints, for each number of cases, how long a start, a code and the rest take.
func runGrowth(ctx context.Context, f *flag.FlagSet, args []string, out io.Writer) error {
	g := growth{out: out, plan: load.Plan{Connections: []int{16}}}
	f.StringVar(&g.binary, "binary", "", "latchkey, built as for production")
	f.StringVar(&g.postgres, "postgres", "", "URL of a PostgreSQL server; without it SQLite is measured")
	cases := f.String("cases", "10000,1000000,10000000", "numbers of cases; the last is compared with the first")
	f.StringVar(&g.dir, "dir", "", "where databases are made; 10 million cases take some 20 GB")
	f.BoolVar(&g.keep, "keep", false, "keep SQLite's files in -dir, and use those of an earlier run")
	f.DurationVar(&g.plan.Each, "each", 10*time.Second, "how long each figure is measured")
	f.IntVar(&g.plan.MostStarts, "starts", 40000, "starts that a figure takes at most")
	if err := f.Parse(args); err != nil {
		return err
	}
	if g.keep && g.postgres != "" {
		return errors.New("keep: only SQLite's files are kept")
	}
	for text := range strings.SplitSeq(*cases, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 2*past {
			return fmt.Errorf("cases: %q is no number from %d on", text, 2*past)
		}
		if err := g.measure(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (g *growth) measure(ctx context.Context, cases int) (err error) {
	end, err := g.open(cases)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	database := filepath.Join(g.folder, "latchkey.db")
	if g.postgres != "" {
		name := "growth_" + strings.ToLower(rand.Text())
		if database, err = load.NewSchema(ctx, g.postgres, name); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, load.DropSchema(context.WithoutCancel(ctx), g.postgres, name)) }()
	}
	migrate := exec.CommandContext(ctx, g.binary, "migrate", "--data", g.folder, "--database", database)
	if text, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("migrate: %w: %s", err, text)
	}
	fill := load.Fill{Cases: cases, Past: past, Now: time.Now()}
	if err := g.fill(ctx, fill, database); err != nil {
		return err
	}
	l, err := load.StartLatchkey(ctx, g.binary, database, g.folder)
	if err != nil {
		return err
	}
	return errors.Join(g.steps(ctx, l, fill, database), l.Stop())
}

// open makes the folder of one measurement; end removes it, unless it is kept.
func (g *growth) open(cases int) (end func() error, err error) {
	if g.keep {
		g.folder = filepath.Join(g.dir, "latchkey-growth-"+strconv.Itoa(cases))
		if _, missing := os.Stat(filepath.Join(g.folder, filled)); missing != nil { // what was broken off begins anew
			err = os.RemoveAll(g.folder)
		}
		return func() error { return nil }, errors.Join(err, os.MkdirAll(g.folder, 0o700))
	}
	g.folder, err = os.MkdirTemp(g.dir, "latchkey-growth-")
	return func() error { return os.RemoveAll(g.folder) }, err
}

// filled marks a folder whose database is whole.
const filled = "filled"

func (g *growth) fill(ctx context.Context, fill load.Fill, database string) error {
	mark := filepath.Join(g.folder, filled)
	if _, err := os.Stat(mark); err == nil {
		_, _ = fmt.Fprintf(g.out, "%d cases, from an earlier run%s\n", fill.Cases, size(database))
		return nil
	}
	began := time.Now()
	if err := fill.Run(ctx, database); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	_, _ = fmt.Fprintf(g.out, "%d cases, filled in %s%s\n", fill.Cases, time.Since(began).Round(time.Second), size(database))
	return os.WriteFile(mark, nil, 0o600)
}

func size(database string) string {
	info, err := os.Stat(database)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(", %.2f GB", float64(info.Size())/1e9)
}

// steps waits for the first sweep, which comes with the start, and then measures.
func (g *growth) steps(ctx context.Context, l *load.Latchkey, fill load.Fill, database string) error {
	began := time.Now()
	for {
		left, err := fill.PastLeft(ctx, database)
		if err != nil {
			return err
		}
		if left == 0 {
			break
		}
		if time.Since(began) > 5*time.Minute {
			return fmt.Errorf("%d cases past their retention are left after 5 minutes", left)
		}
		time.Sleep(5 * time.Millisecond)
	}
	_, _ = fmt.Fprintf(g.out, "ready in %s; those of %d cases past their retention that were left, swept within %s of it\n",
		l.Ready.Round(time.Millisecond), past, time.Since(began).Round(time.Millisecond))
	rows, err := load.Journeys(ctx, l, "", g.plan)
	report, fault := l.Report(ctx)
	if fault == nil {
		rows = append(rows, report)
	}
	if err := errors.Join(err, fault, load.WriteTable(g.out, rows)); err != nil {
		return err
	}
	if g.first == nil {
		g.first = rows
	}
	for _, step := range []string{load.WhatStart, load.WhatVerify} {
		_, _ = fmt.Fprintf(g.out, "%s: p99 is %.2f times that of the first\n", step, p99(rows, step)/p99(g.first, step))
	}
	return nil
}

func p99(rows []load.Row, what string) float64 {
	for _, r := range rows {
		if r.What == what {
			return float64(r.P99)
		}
	}
	return 0
}
