package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
)

// runErase removes a person (R12). It may run beside a server.
func runErase(ctx context.Context, c config.Config, stdout io.Writer) error {
	keys, keyErr := parseKeys(c.Keys)
	address, err := account.ParseAddress(c.Email)
	if err != nil {
		err = config.Faults{"<email>: is no address such as somebody@example.com"}
	}
	if err := errors.Join(keyErr, err); err != nil {
		return err
	}
	store, err := lookInto(ctx, c.Database, sqlstore.OpenCurrent)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	gone, err := recovery.New(recovery.Deps{
		Store: store, Keys: keys, Now: time.Now, Policy: policy(c.Options),
	}).Erase(ctx, address)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "erased: %d cases with all that belonged to them\n", gone)
	return err
}

// parseKeys reads a key file's text; what is wrong with it is a fault of the configuration.
func parseKeys(text string) (*secret.Ring, error) {
	keys, err := secret.Parse(text)
	if err != nil {
		return nil, config.Faults{err.Error()}
	}
	return keys, nil
}
