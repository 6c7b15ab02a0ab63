package gitlab

import (
	"fmt"
	"strings"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// Outcome is how a look-up ended, for metrics.
type Outcome string

// The outcomes of a look-up.
const (
	OutcomeOK       Outcome = "ok"
	OutcomeTimeout  Outcome = "timeout"  // no answer before the deadline
	OutcomeNetwork  Outcome = "network"  // no connection, or one that broke
	OutcomeLimited  Outcome = "limited"  // the rate limit is spent, or was and is not over
	OutcomeRefused  Outcome = "refused"  // another status of 3xx or 4xx: mostly the token
	OutcomeFailed   Outcome = "failed"   // a status of 5xx
	OutcomeNonsense Outcome = "nonsense" // an answer that cannot be relied on
)

// Error is a look-up without a usable answer. It wraps recovery.ErrIdentities and, where there is one, the
// cause. Its text holds no address, token or URL.
type Error struct {
	Op      Op
	Outcome Outcome
	Status  int // of the answer, if there was one
	Cause   error
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "gitlab: %s: %s", e.Op, e.Outcome)
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap returns recovery.ErrIdentities and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{recovery.ErrIdentities}
	}
	return []error{recovery.ErrIdentities, e.Cause}
}

// passing reports whether asking again at once may help.
func (e *Error) passing() bool { return e.Outcome == OutcomeNetwork || e.Outcome == OutcomeFailed }

func nonsense(status int, cause error) *Error {
	return &Error{Outcome: OutcomeNonsense, Status: status, Cause: cause}
}

// noAnswer is for a request that broke.
func noAnswer(err error) *Error {
	cause, late := wire.Fault(err)
	outcome := OutcomeNetwork
	if late {
		outcome = OutcomeTimeout
	}
	return &Error{Outcome: outcome, Cause: cause}
}
