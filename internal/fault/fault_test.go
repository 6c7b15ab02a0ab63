package fault_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"latchkey/internal/fault"
)

const secret = "customer@example.com"

func caught(fn func()) (p *fault.Panic) {
	defer func() { p = fault.Caught(recover()) }()
	fn()
	return nil
}

func stumble(value any) { panic(value) }

// elsewhere catches a panic in a goroutine of its own and lets it go on in the caller's.
func elsewhere(fn func()) {
	done := make(chan *fault.Panic)
	go func() { done <- caught(fn) }()
	if p := <-done; p != nil {
		panic(p)
	}
}

func TestAPanicIsLoggedByWhereItAroseAndNotByItsValue(t *testing.T) {
	for name, fn := range map[string]func(){
		"here":      func() { stumble(secret) },
		"elsewhere": func() { elsewhere(func() { stumble(secret) }) },
	} {
		t.Run(name, func(t *testing.T) {
			p := caught(fn)
			var log strings.Builder
			slog.New(slog.NewJSONHandler(&log, nil)).Error("panic", p.Attr())
			if got := log.String(); !strings.Contains(got, `"kind":"string"`) || !strings.Contains(got, "fault_test.stumble") {
				t.Errorf("the line does not say where it arose: %s", got)
			}
			if all := log.String() + p.Error() + fmt.Sprint(p); strings.Contains(all, secret) {
				t.Errorf("the value is told: %s", all)
			}
			if p.Value() != secret || p.Unwrap() != nil {
				t.Errorf("got value %v, error %v", p.Value(), p.Unwrap())
			}
		})
	}
}

func TestAPanicByAnErrorIsThatError(t *testing.T) {
	if p := caught(func() { elsewhere(func() { stumble(io.EOF) }) }); !errors.Is(p, io.EOF) {
		t.Errorf("got %v", p)
	}
}

func TestNoPanic(t *testing.T) {
	if p := caught(func() { elsewhere(func() {}) }); p != nil {
		t.Errorf("got %v", p)
	}
}
