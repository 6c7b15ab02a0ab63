package main

import (
	"io"

	"latchkey/internal/secret"
)

// runKeys prints a new key file.
func runKeys(stdout io.Writer) error {
	text, err := secret.Generate()
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, text)
	return err
}
