package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"latchkey/internal/config"
)

const healthTimeout = 3 * time.Second

// runHealth asks the server on this machine whether it is ready: for containers, which hold nothing but this
// program.
func runHealth(ctx context.Context, o config.Options) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+dialable(o.OpsListen)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: healthTimeout}
	answer, err := client.Do(request)
	if err != nil {
		return errors.New("no server answers on its ops listener, " + o.OpsListen)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", answer.Status)
	}
	return nil
}

// dialable is an address to reach a listener by that listens everywhere.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}
