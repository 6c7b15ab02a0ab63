package fault

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// Panic is a panic that was recovered from. Its value can hold anything, an address or a key, so that as an
// error and in the log it shows no more than its type (R11).
type Panic struct {
	value any
	stack string
}

// Caught is the panic that recover gave, nil for none. The deferred function itself has to call recover, and
// at once: fault.Caught(recover()). One that was caught in another goroutine and went on here keeps the stack
// of where it arose.
func Caught(recovered any) *Panic {
	if recovered == nil {
		return nil
	}
	if p, ok := recovered.(*Panic); ok {
		return p
	}
	return &Panic{value: recovered, stack: string(debug.Stack())}
}

// Value is what the code that panicked gave.
func (p *Panic) Value() any { return p.value }

// Error says the type of the value.
func (p *Panic) Error() string { return fmt.Sprintf("panic of type %T", p.value) }

// Unwrap is the value where it is an error, nil where it is none.
func (p *Panic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// Attr is what a log line says of it: "kind", the type of the value, and "stack".
func (p *Panic) Attr() slog.Attr {
	return slog.Group("", slog.String("kind", fmt.Sprintf("%T", p.value)), slog.String("stack", p.stack))
}
