package load

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Compare sets every row's share of the floor.
func Compare(rows []Row, floors map[string]string) {
	at := func(what, database string, connections int) float64 {
		for _, r := range rows {
			if r.What == what && r.Database == database && r.Connections == connections {
				return r.PerSecond()
			}
		}
		return 0
	}
	for i, r := range rows {
		name, ok := floors[r.What]
		database := r.Database
		if r.What == WhatPage {
			database = ""
		}
		if per := at(name, database, r.Connections); ok && per > 0 {
			rows[i].Of = r.PerSecond() / per
		}
	}
}

// WriteTable writes the rows, each figure under its heading.
func WriteTable(w io.Writer, rows []Row) error {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%-12s%-34s%6s%10s%10s%10s%10s%9s%9s\n",
		"database", "what", "conns", "req/s", "p50 ms", "p99 ms", "CPU ms", "RSS MB", "of floor")
	for _, r := range rows {
		of := ""
		if r.Of > 0 {
			of = fmt.Sprintf("%.2f", r.Of)
		}
		_, _ = fmt.Fprintf(&b, "%-12s%-34s%6d%10.0f%10.2f%10.2f%10.3f%9.1f%9s\n", r.Database, r.What, r.Connections,
			r.PerSecond(), ms(r.P50), ms(r.P99), ms(r.CPU), float64(r.RSS)/(1<<20), of)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
