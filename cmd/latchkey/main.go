package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"latchkey/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	// A second Ctrl-C ends at once.
	context.AfterFunc(ctx, stop)
	for _, text := range config.Unknown(os.Environ()) {
		_, _ = fmt.Fprintln(os.Stderr, "latchkey:", text)
	}
	tune(os.Getenv)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		os.Exit(report(os.Stderr, err))
	}
}

// endings are the signals that end the program in good order. A terminal that is closed is one, but for who asked by
// nohup to go on without.
func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// run is the program: it returns when the command is done or, for servers, after ctx ended and all is put
// away. Everything it is told is in its arguments.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	c, err := config.Load(args, getenv)
	if err != nil {
		return err
	}
	switch c.Command {
	case config.Demo:
		return runDemo(ctx, c.Options, stdout, stderr)
	case config.Serve:
		return runServe(ctx, c.Options, stdout, stderr)
	case config.Migrate:
		return runMigrate(ctx, c, stdout, stderr)
	case config.Erase:
		return runErase(ctx, c, stdout)
	case config.Link:
		return runLink(c, stdout)
	case config.Diagnose:
		return runDiagnose(ctx, c, stdout)
	case config.Report:
		return runReport(ctx, c, stdout, stderr)
	case config.Conformance:
		return runConformance(ctx, c.Candidate, stdout)
	case config.Backup:
		return runBackup(ctx, c, stdout, stderr)
	case config.Keys:
		return runKeys(stdout)
	case config.Health:
		return runHealth(ctx, c.Options)
	case config.Version:
		return runVersion(stdout)
	}
	_, err = io.WriteString(stdout, c.Usage)
	return err
}

// Exit statuses.
const (
	exitFailed = 1 // what was asked for could not be done
	exitUsage  = 2 // what was asked for cannot be understood
)

// report writes an error, one line for each fault, and returns the exit status.
func report(stderr io.Writer, err error) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		_, _ = fmt.Fprintln(stderr, "latchkey:", line)
	}
	if _, ok := errors.AsType[config.Faults](err); ok {
		return exitUsage
	}
	return exitFailed
}
