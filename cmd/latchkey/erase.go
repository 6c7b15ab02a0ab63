package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
)

// runErase removes a person (R12). It may run beside a server.
func runErase(ctx context.Context, c config.Config, stdout io.Writer) error {
	keys, keyErr := parseKeys(c.KeyRing)
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
	gone, err := erase(ctx, store, recovery.New(recovery.Deps{
		Store: store, Keys: keys, Now: time.Now, Policy: policy(c.Options),
	}), address)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, gone)
	return err
}

// erase says what is gone, and what may be left.
func erase(ctx context.Context, store *sqlstore.Store, s *recovery.Service, a account.Address) (string, error) {
	others, err := s.CheckSeal(ctx)
	if errors.Is(err, recovery.ErrOtherKeys) {
		return "", errors.New("nothing is erased: this database has been used with other key files alone, so that " +
			"nobody can be found in it (give the server's with --keys-file)")
	}
	if err != nil {
		return "", err
	}
	cases, err := s.Erase(ctx, a)
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("erased: %s with all that belonged to them", count(cases, "case"))
	if others > 0 {
		said += fmt.Sprintf("\nthis database has been used with other key files too, %d: erase with those as well", others)
	}
	if err := store.Scrub(ctx); err != nil {
		return "", fmt.Errorf("%s, and its traces are left in the files: %w", said, err)
	}
	return said, nil
}

// parseKeys reads a key file's text; what is wrong with it is a fault of the configuration.
func parseKeys(k config.KeyRing) (*secret.Ring, error) {
	keys, err := secret.Parse(k.Keys)
	if err == nil {
		return keys, nil
	}
	of := "--keys"
	if k.KeysFile != "" {
		of = fmt.Sprintf("--keys-file %q", k.KeysFile)
	}
	var faults config.Faults
	for fault := range strings.SplitSeq(err.Error(), "\n") {
		faults = append(faults, of+": "+fault)
	}
	if more := len(faults) - maxKeyFaults; more > 0 { // it is another file
		faults = append(faults[:maxKeyFaults], fmt.Sprintf("%s: and %d more; 'latchkey keys' prints what a key file looks like", of, more))
	}
	return nil, faults
}

// maxKeyFaults is how many faults of a key file are told.
const maxKeyFaults = 4
