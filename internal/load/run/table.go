package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/load"
)

// table is one run of the load table.
type table struct {
	out    io.Writer
	binary string
	folder string
	plan   load.Plan
	rows   []load.Row
}

const (
	bare         = "bare Gin, html/template"
	floorAlone   = "bare Gin, 2 inserts, own commit"
	floorSharing = "bare Gin, 2 inserts, shared commits"
)

// runTable measures the floors and Latchkey in turn and prints one table.
func runTable(ctx context.Context, f *flag.FlagSet, args []string, out io.Writer) error {
	t := table{out: out, plan: load.Plan{}}
	f.StringVar(&t.binary, "binary", "", "latchkey, built as for production")
	postgres := f.String("postgres", "", "URL of a PostgreSQL server; without it SQLite alone is measured")
	only := f.String("only", "", "sqlite or postgres: that alone")
	conns := f.String("connections", "1,16,64", "how many connections, one number after another")
	f.DurationVar(&t.plan.Each, "each", 3*time.Second, "how long each figure is measured")
	f.BoolVar(&t.plan.StartsOnly, "starts-only", false, "only the start page and starts")
	f.IntVar(&t.plan.MostStarts, "starts", 40000, "starts that a figure takes at most")
	if err := f.Parse(args); err != nil {
		return err
	}
	for n := range strings.SplitSeq(*conns, ",") {
		number, err := strconv.Atoi(n)
		if err != nil || number < 1 {
			return fmt.Errorf("connections: %q is no number from 1 on", n)
		}
		t.plan.Connections = append(t.plan.Connections, number)
	}
	var err error
	if t.folder, err = os.MkdirTemp("", "latchkey-load-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(t.folder) }()
	if *only != "postgres" {
		err = t.measure(ctx, "SQLite", func(name string) (string, error) { return filepath.Join(t.folder, name+".db"), nil })
	}
	if *postgres != "" && *only != "sqlite" && err == nil {
		err = t.measure(ctx, "PostgreSQL", func(string) (string, error) {
			return load.NewSchema(ctx, *postgres, "load_"+strings.ToLower(rand.Text()))
		})
	}
	load.Compare(t.rows, map[string]string{load.WhatPage: bare, load.WhatStart: floorSharing})
	return errors.Join(load.WriteTable(out, t.rows), err)
}

// measure takes one database: its floors, and Latchkey on it.
func (t *table) measure(ctx context.Context, database string, place func(name string) (string, error)) error {
	if len(t.rows) == 0 {
		if err := t.floor(ctx, "", bare, filepath.Join(t.folder, "none.db"), false); err != nil {
			return err
		}
	}
	for i, kind := range []string{floorAlone, floorSharing} {
		at, err := place("floor" + strconv.Itoa(i))
		if err != nil {
			return err
		}
		if err := t.floor(ctx, database, kind, at, kind == floorSharing); err != nil {
			return err
		}
	}
	at, err := place("latchkey")
	if err != nil {
		return err
	}
	l, err := load.StartLatchkey(ctx, t.binary, at, t.folder)
	if err != nil {
		return err
	}
	rows, err := load.Journeys(ctx, l, database, t.plan)
	t.rows = append(t.rows, rows...)
	if err = errors.Join(err, l.Stop()); err != nil || t.plan.StartsOnly {
		return err
	}
	return t.idle(ctx, database, at)
}

const (
	starts    = 5
	idleAfter = 2 * time.Second
)

// idle starts Latchkey a few times on the database that it has just filled: how soon it answers, and what it
// keeps in memory when nobody asks.
func (t *table) idle(ctx context.Context, database, at string) error {
	var ready []time.Duration
	var resident int64
	for i := range starts {
		l, err := load.StartLatchkey(ctx, t.binary, at, t.folder)
		if err != nil {
			return err
		}
		ready = append(ready, l.Ready)
		if i == starts-1 {
			time.Sleep(idleAfter)
			resident, _, err = load.RSS(l.PID())
		}
		if err = errors.Join(err, l.Stop()); err != nil {
			return err
		}
	}
	slices.Sort(ready)
	_, err := fmt.Fprintf(t.out, "%s: ready in %s (median of %d, from exec, with its database), idle %.1f MB resident\n",
		database, ready[starts/2].Round(time.Millisecond), starts, float64(resident)/(1<<20))
	return err
}

func (t *table) floor(ctx context.Context, database, kind, at string, shared bool) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	listen, err := load.FreePort(ctx)
	if err != nil {
		return err
	}
	c, err := load.StartChild(ctx, filepath.Join(t.folder, "floor.log"), listen, "http://"+listen+"/",
		self, "floor", "--listen", listen, "--database", at, "--shared="+strconv.FormatBool(shared))
	if err != nil {
		return err
	}
	rows, err := load.Floor(ctx, c, database, kind, t.plan)
	t.rows = append(t.rows, rows...)
	return errors.Join(err, c.Stop())
}
