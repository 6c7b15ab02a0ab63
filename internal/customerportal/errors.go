package customerportal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// Outcome is how a call ended, for metrics.
type Outcome string

// The outcomes of a call.
const (
	OutcomeOK       Outcome = "ok"
	OutcomeTimeout  Outcome = "timeout"  // no answer before the deadline
	OutcomeNetwork  Outcome = "network"  // no connection, or one that broke
	OutcomeRefused  Outcome = "refused"  // a status of 3xx or 4xx
	OutcomeFailed   Outcome = "failed"   // a status of 5xx
	OutcomeNonsense Outcome = "nonsense" // an answer that the API does not know
)

// Error is a call without a usable answer. It wraps recovery.ErrPortal and, where there is one, the
// cause. Its text names the operation, the status and the portal's own words for the problem; it never
// holds an address, a token or a URL.
type Error struct {
	Op      Op
	Outcome Outcome
	Status  int    // of the answer, if there was one
	Type    string // of the problem, RFC 9457
	Title   string // of the problem, RFC 9457
	Cause   error
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "customer portal: %s: %s", e.Op, e.Outcome)
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.Title != "" {
		fmt.Fprintf(&b, ", %q", e.Title)
	}
	if e.Type != "" {
		fmt.Fprintf(&b, " (%s)", e.Type)
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap returns recovery.ErrPortal and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{recovery.ErrPortal}
	}
	return []error{recovery.ErrPortal, e.Cause}
}

// passing reports whether asking again may help.
func (e *Error) passing() bool { return e.Outcome == OutcomeNetwork || e.Outcome == OutcomeFailed }

// noAnswer is for a request that broke.
func noAnswer(op Op, err error) *Error {
	cause, late := wire.Fault(err)
	outcome := OutcomeNetwork
	if late {
		outcome = OutcomeTimeout
	}
	return &Error{Op: op, Outcome: outcome, Cause: cause}
}

// nonsense is for an answer that is none.
func nonsense(op Op, status int, cause error) *Error {
	return &Error{Op: op, Outcome: OutcomeNonsense, Status: status, Cause: cause}
}

// refusal is for a status other than those expected, with the problem the portal gave, if it did.
func refusal(op Op, res *http.Response, body []byte) *Error {
	e := &Error{Op: op, Outcome: OutcomeRefused, Status: res.StatusCode}
	switch {
	case res.StatusCode >= 500:
		e.Outcome = OutcomeFailed
	case res.StatusCode < 300:
		e.Outcome = OutcomeNonsense
	}
	var p Problem
	if wire.Media(res.Header) == MediaProblem && json.Unmarshal(body, &p) == nil {
		e.Type, e.Title = printable(p.Type), printable(p.Title)
	}
	return e
}

// maxWords bounds what of a problem gets into logs, in bytes.
const maxWords = 120

// printable lets the portal's words for a problem through unless they could hold an address or a secret
// of the request: a vendor's title may say whom it did not find.
func printable(s string) string {
	if len(s) > maxWords || strings.ContainsAny(s, "@\r\n\x00") || strings.Contains(strings.ToLower(s), "%40") {
		return "withheld"
	}
	return strings.ToValidUTF8(s, "?")
}
