package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

func TestReplyToAnError(t *testing.T) {
	for _, tt := range []struct {
		err     error
		status  int
		problem templates.ProblemID
		message templates.MessageID
	}{
		{account.ErrAddressForm, 422, templates.ProblemEmailForm, ""},
		{recovery.ErrWrongCode, 422, templates.ProblemCodeWrong, ""},
		{recovery.ErrInProgress, 409, templates.ProblemInProgress, ""},
		{fmt.Errorf("look-up: %w", recovery.ErrPortal), 503, templates.ProblemPortal, ""},
		{edge.ErrStale, 403, templates.ProblemStale, ""},
		{edge.ErrCookies, 403, "", templates.MessageCookies},
		{&http.MaxBytesError{Limit: 1}, 413, "", templates.MessageTooLarge},
		{&edge.TooManyError{After: time.Second}, 429, "", templates.MessageTooMany},
		{fmt.Errorf("say: %w", recovery.ErrTooManySteps), 429, templates.ProblemTooManySteps, ""},
		{fmt.Errorf("start: %w", recovery.ErrStore), 503, "", templates.MessageUnavailable},
		{errors.New("boom"), 500, "", templates.MessageServerError},
	} {
		got := replies.To(tt.err)
		if got.Status != tt.status || got.Problem != tt.problem || got.Message != tt.message {
			t.Errorf("replies.To(%v) = %+v, want %d %q %q", tt.err, got, tt.status, tt.problem, tt.message)
		}
	}
}

func TestEveryReplyIsAPageOrAProblem(t *testing.T) {
	for _, line := range replies {
		if line.Status < 400 || (line.Problem == "") == (line.Message == "") {
			t.Errorf("%v: %+v, want a status of 400 or more and one of problem and message", line.Err, line.Reply)
		}
	}
}
