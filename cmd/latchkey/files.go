package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"latchkey/internal/config"
	"latchkey/internal/secret"
)

// makeFolder makes the data folder, for its owner alone, and makes sure that it can be written.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data folder %s cannot be made: %w (choose another with --data)", dir, cause(err))
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be written: %w (choose another with --data)", dir, cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// cause is the system's word for what went wrong, without the path that the message names already.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// ownKeys reads the demo's keys, or makes them the first time. They stay with the data: hashes of
// addresses and links that are on their way depend on them.
func ownKeys(dir string) (string, error) {
	name := filepath.Join(dir, config.KeysFileName)
	text, err := os.ReadFile(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(text), err
	}
	made, err := secret.Generate()
	if err != nil {
		return "", err
	}
	return made, writeOnce(dir, name, made)
}

// writeOnce leaves a whole file or none, whenever the process ends.
func writeOnce(dir, name, text string) error {
	f, err := os.CreateTemp(dir, ".keys-*") // for its owner alone
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
