package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"latchkey/internal/config"
)

const (
	// logLines is how many lines wait for whoever reads the log; those that come then are lost.
	logLines = 4096
	// logEnd is how long they get when the program ends.
	logEnd = time.Second
)

// openLog is a server's log, and what ends it. No customer waits for it: where whoever reads it stands still, as a
// container's or journald's does on a disk that hangs, or has gone, lines are lost and pages are not.
func openLog(w io.Writer, l config.Log) (log *slog.Logger, end func()) {
	signal.Ignore(syscall.SIGPIPE) // by which a reader that has gone would end the server
	q := &logQueue{lines: make(chan []byte, logLines), ending: make(chan struct{}), ended: make(chan struct{})}
	go q.pass(w, newLog(w, l).Handler())
	return newLog(q, l), q.end
}

// logQueue has the lines on their way to the log.
type logQueue struct {
	lines         chan []byte
	lost          atomic.Int64
	ending, ended chan struct{}
}

// Write implements io.Writer. It is given a line at a time.
func (q *logQueue) Write(line []byte) (int, error) {
	select {
	case q.lines <- bytes.Clone(line):
	default:
		q.lost.Add(1)
	}
	return len(line), nil
}

// pass writes the lines until the end, and then those that are left.
func (q *logQueue) pass(w io.Writer, own slog.Handler) {
	defer close(q.ended)
	for {
		select {
		case line := <-q.lines:
			q.write(w, own, line)
		case <-q.ending:
			for len(q.lines) > 0 {
				q.write(w, own, <-q.lines)
			}
			return
		}
	}
}

func (q *logQueue) write(w io.Writer, own slog.Handler, line []byte) {
	if _, err := w.Write(line); err != nil {
		q.lost.Add(1)
		return
	}
	if n := q.lost.Swap(0); n > 0 && tell(own, n) != nil { // it has no room again: they are told of later
		q.lost.Add(n)
	}
}

// tell says how many lines were lost, as far as the log's level has it said.
func tell(own slog.Handler, lines int64) error {
	ctx := context.Background()
	if !own.Enabled(ctx, slog.LevelWarn) {
		return nil
	}
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "lines of the log were lost: what takes it stood still, or has no room", 0)
	r.Add("lines", lines)
	return own.Handle(ctx, r)
}

func (q *logQueue) end() {
	close(q.ending)
	select {
	case <-q.ended:
	case <-time.After(logEnd):
	}
}
