package gitlab_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"latchkey/internal/gitlab"
	"latchkey/internal/gitlab/gitlabtest"
	"latchkey/internal/recovery"
)

// page is an answer that looks like GitLab's and carries the address into every place.
const page = `<h1>zoe@example.com has no glpat-s3cret</h1>`

func TestAnythingElseIsAFailureAndNeverData(t *testing.T) {
	whole := `{"id":2000107,"username":"zoe","state":"active","locked":false,"email":"zoe@example.com","confirmed_at":null,"two_factor_enabled":false}`
	for _, tt := range []struct {
		name  string
		fault gitlabtest.Fault
		want  gitlab.Outcome
	}{
		{"html", gitlabtest.Fault{Body: page, Header: map[string]string{"Content-Type": "text/html"}}, gitlab.OutcomeNonsense},
		{"html called json", gitlabtest.Fault{Body: page}, gitlab.OutcomeNonsense},
		{"json called html", gitlabtest.Fault{Body: whole, Header: map[string]string{"Content-Type": "text/html"}}, gitlab.OutcomeNonsense},
		{"null", gitlabtest.Fault{Body: "null"}, gitlab.OutcomeNonsense},
		{"cut off", gitlabtest.Fault{Body: whole[:60]}, gitlab.OutcomeNonsense},
		{"two values", gitlabtest.Fault{Body: whole + whole}, gitlab.OutcomeNonsense},
		{"a list for one", gitlabtest.Fault{Body: "[" + whole + "]"}, gitlab.OutcomeNonsense},
		{"no user", gitlabtest.Fault{Body: "{}"}, gitlab.OutcomeNonsense},
		{"another user", gitlabtest.Fault{Body: `{"id":5,"username":"x","state":"active","email":"zoe@example.com","confirmed_at":null,"two_factor_enabled":false}`}, gitlab.OutcomeNonsense},
		{"an address for a time", gitlabtest.Fault{Body: `{"id":2000107,"state":"active","email":"zoe@example.com","confirmed_at":"zoe@example.com","two_factor_enabled":false}`}, gitlab.OutcomeNonsense},
		{"too much", gitlabtest.Fault{Body: whole, Huge: 3 << 20}, gitlab.OutcomeNonsense},
		{"another success", gitlabtest.Fault{Body: whole, Status: 202}, gitlab.OutcomeNonsense},
		{"a redirect", gitlabtest.Fault{Status: 302, Header: map[string]string{"Location": "/api/v4/users/2000107"}}, gitlab.OutcomeRefused},
		{"403", gitlabtest.Fault{Status: 403, Body: `{"message":"zoe@example.com"}`}, gitlab.OutcomeRefused},
		{"a page of a proxy", gitlabtest.Fault{Status: 404, Body: page, Header: map[string]string{"Content-Type": "text/html"}}, gitlab.OutcomeRefused},
		{"500", gitlabtest.Fault{Status: 500, Body: page}, gitlab.OutcomeFailed},
		{"503", gitlabtest.Fault{Status: 503}, gitlab.OutcomeFailed},
		{"a reset", gitlabtest.Fault{Reset: true}, gitlab.OutcomeNetwork},
		{"nothing in time", gitlabtest.Fault{Hang: true}, gitlab.OutcomeTimeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, func(c *gitlab.Config, _ *gitlabtest.Options) { c.Timeout = 600 * time.Millisecond })
			h.users.Put(zoe())
			h.server.Fail(tt.fault)
			_, err := h.client.BySubject(t.Context(), "2000107")
			h.fails(err, tt.want)
			if tt.name == "a list for one" {
				return // and no fault of a search
			}
			_, err = h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
			h.fails(err, tt.want)
		})
	}
}

func TestAPassingFaultIsAskedOnceMore(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault gitlabtest.Fault
		want  int // requests
	}{
		{"500 once", gitlabtest.Fault{Status: 500, Times: 1}, 2},
		{"a reset once", gitlabtest.Fault{Reset: true, Times: 1}, 2},
		{"500 for good", gitlabtest.Fault{Status: 500}, 2},
		{"403", gitlabtest.Fault{Status: 403}, 1},
		{"nonsense", gitlabtest.Fault{Body: "?"}, 1},
		{"429", gitlabtest.Fault{Status: 429}, 1},
	} {
		h := open(t)
		h.users.Put(zoe())
		h.server.Fail(tt.fault)
		_, err := h.client.BySubject(t.Context(), "2000107")
		if (err == nil) != (tt.fault.Times == 1) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := h.asked(); got != tt.want {
			t.Errorf("%s: %d requests, want %d", tt.name, got, tt.want)
		}
	}
}

// TestNullIsNoEmptyList: with the rights known already, nothing else would tell.
func TestNullIsNoEmptyList(t *testing.T) {
	h := open(t)
	if _, err := h.client.ByEmail(t.Context(), h.address("nobody@example.com")); !errors.Is(err, recovery.ErrNotFound) {
		t.Fatal(err)
	}
	h.server.Fail(gitlabtest.Fault{Body: "null"})
	_, err := h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
	h.fails(err, gitlab.OutcomeNonsense)
}

func TestTheCallersDeadlineHolds(t *testing.T) {
	h := open(t)
	h.server.Fail(gitlabtest.Fault{Hang: true})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := h.client.BySubject(ctx, "2000107")
	h.fails(err, gitlab.OutcomeNetwork)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want what ended it", err)
	}
}

func TestTheRateLimitIsKept(t *testing.T) {
	header := func(name, value string) map[string]string { return map[string]string{name: value} }
	date := "Sun, 22 Nov 2026 20:00:00 GMT" // a server whose clock is six hours ahead
	for _, tt := range []struct {
		name   string
		header map[string]string
		status int
		want   time.Duration
	}{
		{"seconds", header("Retry-After", "40"), 429, 40 * time.Second},
		{"a date", map[string]string{"Date": date, "Retry-After": "Sun, 22 Nov 2026 20:00:40 GMT"}, 429, 40 * time.Second},
		{"a reset by their clock", map[string]string{"Date": date, "RateLimit-Reset": strconv.FormatInt(time.Date(2026, 11, 22, 20, 0, 25, 0, time.UTC).Unix(), 10)}, 429, 25 * time.Second},
		{"no headers", nil, 429, time.Minute},
		{"nonsense", header("Retry-After", "soon"), 429, time.Minute},
		{"below zero", header("Retry-After", "-5"), 429, time.Minute},
		{"for ever", header("Retry-After", "999999999"), 429, 15 * time.Minute},
		{"a closed service that says when", header("Retry-After", "30"), 503, 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			h.users.Put(zoe())
			h.server.Fail(gitlabtest.Fault{Status: tt.status, Header: tt.header, Body: "Retry later\n", Times: 1})
			_, err := h.client.BySubject(t.Context(), "2000107")
			h.fails(err, gitlab.OutcomeLimited)
			h.pass(tt.want - time.Second)
			_, err = h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
			h.fails(err, gitlab.OutcomeLimited)
			if h.asked() != 1 {
				t.Errorf("asked against the limit: %v", h.server.Wire())
			}
			h.pass(time.Second)
			if _, err := h.client.BySubject(t.Context(), "2000107"); err != nil {
				t.Errorf("after the limit: %v", err)
			}
		})
	}
}

// TestTheLastRequestOfAWindowIsKnown: a GitLab that tells what is left is never asked to refuse.
func TestTheLastRequestOfAWindowIsKnown(t *testing.T) {
	h := open(t, func(_ *gitlab.Config, o *gitlabtest.Options) { o.PerMinute = 3 })
	for i := range 10 {
		u := zoe()
		u.ID = int64(100 + i)
		h.users.Put(u)
	}
	answered := 0
	for i := range 10 {
		if _, err := h.client.BySubject(t.Context(), strconv.Itoa(100+i)); err == nil {
			answered++
		} else {
			h.fails(err, gitlab.OutcomeLimited)
		}
	}
	if answered != 3 || h.asked() != 3 {
		t.Errorf("%d answered of %d asked, want 3 of 3", answered, h.asked())
	}
	h.pass(time.Minute)
	if _, err := h.client.BySubject(t.Context(), "109"); err != nil {
		t.Errorf("in the next window: %v", err)
	}
}

func TestAnswersAreRememberedForAMoment(t *testing.T) {
	h := open(t)
	h.users.Put(zoe())
	ask := func() (string, error) {
		got, err := h.client.ByEmail(t.Context(), h.address("Zoe@example.com"))
		return got.Subject, err
	}
	for range 3 {
		if got, err := ask(); got != "2000107" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if h.asked() != 1 {
		t.Errorf("%d requests for one answer", h.asked())
	}
	h.users.Remove(2000107)
	h.pass(31 * time.Second)
	if _, err := ask(); !errors.Is(err, recovery.ErrNotFound) {
		t.Errorf("after a while: %v, want ErrNotFound", err)
	}
	h.users.Put(zoe())
	if _, err := ask(); !errors.Is(err, recovery.ErrNotFound) || h.asked() != 2 {
		t.Errorf("that there is none is remembered as well: %v, %d requests", err, h.asked())
	}
}

func TestFailuresAreNotRemembered(t *testing.T) {
	h := open(t)
	h.users.Put(zoe())
	h.server.Fail(gitlabtest.Fault{Status: 500, Times: 2})
	_, err := h.client.BySubject(t.Context(), "2000107")
	h.fails(err, gitlab.OutcomeFailed)
	if _, err := h.client.BySubject(t.Context(), "2000107"); err != nil {
		t.Errorf("at once again: %v", err)
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	h := open(t)
	for i := range 4100 {
		if _, err := h.client.BySubject(t.Context(), fmt.Sprint(i+1)); !errors.Is(err, recovery.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if got := h.client.Remembered(); got > 2000 {
		t.Errorf("%d answers are kept", got)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for _, c := range []gitlab.Config{
		{BaseURL: "gitlab.example.com", Token: token},
		{BaseURL: "ftp://gitlab.example.com", Token: token},
		{BaseURL: "https://user:pass@gitlab.example.com", Token: token},
		{BaseURL: "https://gitlab.example.com?x=1", Token: token},
		{BaseURL: "https://gitlab.example.com"},
		{BaseURL: "https://gitlab.example.com", Token: "two words"},
	} {
		if _, err := gitlab.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
