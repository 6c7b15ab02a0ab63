package templates_test

import (
	"testing"

	"latchkey/templates"
)

func TestNew(t *testing.T) {
	r, err := templates.New(templates.Options{Asset: func(n string) string { return n }})
	if err != nil {
		t.Fatal(err)
	}
	_ = r
}
