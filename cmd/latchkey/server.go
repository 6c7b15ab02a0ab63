package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// drainTime is how long answers under way get once the listeners are closed.
const drainTime = 20 * time.Second

// server is one listener and what answers on it.
type server struct {
	name     string
	listener net.Listener
	handler  http.Handler
}

// listen opens a listener before anything starts, so that a taken port ends in one clear line.
func listen(ctx context.Context, address, flag string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		err = number
	}
	return nil, fmt.Errorf("cannot listen on %s: %w (choose another with --%s)", address, err, flag)
}

// originOf is how a browser on this machine reaches a listener.
func originOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// httpServer has the time-outs of R13, and leaves every answer to h.
func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		// net/http would answer OPTIONS * itself, without our headers and whatever the Host (R7, R9).
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     stdlog.New(serverErrors{log}, "", 0),
	}
}

// serverErrors logs what net/http has to say of a connection, without whose it was (R11).
type serverErrors struct{ log *slog.Logger }

var networkAddress = regexp.MustCompile(`\[[0-9A-Fa-f:.]+(%\w+)?\]:\d+|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b`)

func (s serverErrors) Write(line []byte) (int, error) {
	s.log.Warn("http server", "error", networkAddress.ReplaceAllString(strings.TrimSpace(string(line)), "a client"))
	return len(line), nil
}

// run serves until ctx ends or a listener fails. Then it says so for a while, and goes on serving; the
// servers end in their order, each when its last answer is written; then the outbox gives back what it
// holds, and the database closes.
func (a *app) run(ctx context.Context, servers ...server) error {
	work, endWork := context.WithCancel(context.WithoutCancel(ctx))
	defer endWork()
	failed := make(chan error, len(servers))
	running, draining := make([]*http.Server, len(servers)), make([]*drain, len(servers))
	for i, s := range servers {
		draining[i] = &drain{Handler: s.handler}
		running[i] = httpServer(draining[i], a.log)
		go func() { failed <- serveOn(s, running[i]) }()
	}
	a.surface.SetReady(true)
	a.log.Info("ready", "version", version())
	var background sync.WaitGroup
	background.Go(func() { a.outbox.Run(work) })
	background.Go(func() { a.desk.Run(work) })
	background.Go(func() { a.work(work, a.jobs()) })
	background.Go(func() { followHeap(work) })
	background.Go(func() { _ = a.portal.Healthy(work) }) // what is wrong is told by its observer
	background.Go(func() { a.checkMail(work) })
	background.Go(func() { a.checkCounts(work) })
	defer time.AfterFunc(settleAfter, settle).Stop()

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	a.log.Info("ending")
	a.drain(ctx, draining)
	a.shutDown(running)
	endWork()
	background.Wait()
	for what, part := range map[string]any{"sender": a.sender, "limits": a.counts} {
		if c, ok := part.(io.Closer); ok {
			a.note(what, c.Close())
		}
	}
	return errors.Join(err, a.store.Close())
}

func serveOn(s server, h *http.Server) error {
	if err := h.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

func (a *app) shutDown(running []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	for _, s := range running {
		if err := s.Shutdown(ctx); err != nil {
			a.note("shutdown", err)
			_ = s.Close()
		}
	}
}

func (a *app) note(what string, err error) {
	if err != nil {
		a.log.Error(what, "error", err)
	}
}
