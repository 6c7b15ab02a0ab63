package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Child is a server under load, in a process of its own.
type Child struct {
	cmd   *exec.Cmd
	log   *os.File
	At    string        // where it is reached
	Ready time.Duration // from exec to the first good answer
}

const (
	readyWithin = 60 * time.Second
	endWithin   = 30 * time.Second
	askEvery    = 500 * time.Microsecond
)

// StartChild runs a program and waits until ask, a URL of it, answers 200. What it says goes to a file.
func StartChild(ctx context.Context, logTo, at, ask string, args ...string) (*Child, error) {
	log, err := os.Create(logTo)
	if err != nil {
		return nil, err
	}
	c := &Child{cmd: exec.CommandContext(ctx, args[0], args[1:]...), log: log, At: at}
	c.cmd.Stdout, c.cmd.Stderr = log, log
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = endWithin
	began := time.Now()
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if err := waitFor(ctx, ask); err != nil {
		return nil, errors.Join(fmt.Errorf("load: %s does not start; see %s: %w", args[0], logTo, err), c.Stop())
	}
	c.Ready = time.Since(began)
	return c, nil
}

func waitFor(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if answer, err := client.Do(r); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askEvery):
		}
	}
}

// PID is the process'.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Stop ends the process in good order.
func (c *Child) Stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	err := c.cmd.Wait()
	return errors.Join(err, c.log.Close())
}

// FreePort is an address of loopback that nobody listens on now.
func FreePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Latchkey is a serve process with all its rules on, whose limits are beyond what one machine can ask for.
type Latchkey struct {
	*Child
	Mailbox *Mailbox
	portal  *Portal
	ops     string
}

// StartLatchkey starts a binary on a database: a file's path or a PostgreSQL URL. folder takes its keys and
// its log.
func StartLatchkey(ctx context.Context, binary, database, folder string) (*Latchkey, error) {
	keys := filepath.Join(folder, "keys")
	if _, err := os.Stat(keys); err != nil {
		text, err := exec.CommandContext(ctx, binary, "keys").Output()
		if err == nil {
			err = os.WriteFile(keys, text, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("load: keys: %w", err)
		}
	}
	mailbox, err := OpenMailbox(ctx)
	if err != nil {
		return nil, err
	}
	portal, err := OpenPortal(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, mailbox.Close())
	}
	l := &Latchkey{Mailbox: mailbox, portal: portal}
	pages, err1 := FreePort(ctx)
	ops, err2 := FreePort(ctx)
	l.ops = ops
	if err = errors.Join(err1, err2); err == nil {
		l.Child, err = StartChild(ctx, filepath.Join(folder, "log"), pages, "http://"+ops+"/readyz",
			binary, "serve", "--listen", pages, "--ops-listen", ops, "--public-url", "http://"+pages,
			"--data", folder, "--database", database, "--keys-file", keys, "--limit-scale", "1000000",
			"--trusted-proxies", "127.0.0.1/32", "--portal-url", portal.URL(), "--portal-token", "load",
			"--portal-origins", portal.URL(), "--support-email", "support@example.com", "--mail", "smtp",
			"--smtp-address", mailbox.At(), "--smtp-tls", "none", "--mail-from", "Example <help@example.com>")
	}
	if err != nil {
		return nil, errors.Join(err, mailbox.Close(), portal.Close())
	}
	return l, nil
}

// Stop ends the server, and what stood around it.
func (l *Latchkey) Stop() error {
	return errors.Join(l.Child.Stop(), l.Mailbox.Close(), l.portal.Close())
}
