package gitlab_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/gitlab"
	"latchkey/internal/gitlab/gitlabtest"
	"latchkey/internal/recovery"
)

const (
	token = "glpat-s3cret"
	plain = "glpat-nobody"
)

// house is a GitLab, and a client that asks it.
type house struct {
	*testing.T
	users  gitlabtest.Directory
	server *gitlabtest.Server
	client *gitlab.Client

	mu  sync.Mutex
	now time.Time
}

func open(t *testing.T, change ...func(*gitlab.Config, *gitlabtest.Options)) *house {
	t.Helper()
	h := &house{T: t, now: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)}
	options := gitlabtest.Options{Users: &h.users, Token: token, PlainToken: plain, Now: h.clock}
	config := gitlab.Config{Token: token, Now: h.clock}
	for _, c := range change {
		c(&config, &options)
	}
	h.server = gitlabtest.New(options)
	listener := httptest.NewServer(h.server)
	t.Cleanup(func() { h.server.Close(); listener.Close() })
	config.BaseURL = listener.URL + "/"
	var err error
	if h.client, err = gitlab.New(config); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) address(typed string) account.Address {
	h.Helper()
	a, err := account.ParseAddress(typed)
	if err != nil {
		h.Fatal(err)
	}
	return a
}

func (h *house) asked() int { return len(h.server.Wire()) }

// fails checks that an error is one of the package's, of this outcome, and tells nothing that it must not.
func (h *house) fails(err error, outcome gitlab.Outcome) {
	h.Helper()
	var failure *gitlab.Error
	if !errors.As(err, &failure) || !errors.Is(err, recovery.ErrIdentities) || errors.Is(err, recovery.ErrNotFound) {
		h.Fatalf("got %v, want an error of the package", err)
	}
	if failure.Outcome != outcome {
		h.Errorf("outcome %q, want %q: %v", failure.Outcome, outcome, err)
	}
	for _, secret := range []string{token, plain, "@", "%40", "zoe", "/api/", "http:", "search"} {
		if strings.Contains(strings.ToLower(err.Error()), secret) {
			h.Errorf("the error tells %q: %v", secret, err)
		}
	}
}

var longAgo = time.Date(2024, 5, 2, 8, 30, 0, 0, time.UTC)

// zoe is an ordinary user.
func zoe() gitlabtest.User {
	return gitlabtest.User{ID: 2000107, Username: "zoe", Name: "Zoe Customer", Email: "zoe@example.com", ConfirmedAt: longAgo, TwoFactor: true}
}
