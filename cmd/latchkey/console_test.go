package main

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/secret"
)

// The console is there where somebody may sign in, on the ops listener alone; otherwise nowhere.
func TestTheConsoleIsOffUnlessSomebodyMaySignIn(t *testing.T) {
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	serve := append(append([]string{}, serving...), "--keys", keys, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0",
		"--log-level=error", "--public-url", "http://localhost:1", "--drain-delay", "1ms")
	for name, tt := range map[string]struct {
		told []string
		want int
	}{
		"nobody":  {nil, http.StatusNotFound},
		"a token": {[]string{"--console-token", "a-token-of-the-console"}, http.StatusOK},
		"a provider": {[]string{
			"--console-oidc-issuer", "https://sso.example", "--console-oidc-client-id", "latchkey", "--console-groups", "support",
		}, http.StatusOK},
	} {
		args := append(append([]string{}, serve...), tt.told...)
		s := start(t, append(args, "--data", t.TempDir())...)
		for _, path := range []string{"/console", "/console/audit", "/console/sign-in"} {
			if got := status(t, s.urls[2]+path); got != tt.want {
				t.Errorf("%s: %s answers %d, want %d", name, path, got, tt.want)
			}
		}
		if got := status(t, s.urls[0]+"/console"); got < 400 || got > 499 {
			t.Errorf("%s: customers' listener answers %d", name, got)
		}
		if printed := len(s.urls) == 4 && strings.HasSuffix(s.urls[3], "/console"); printed != (tt.want == http.StatusOK) {
			t.Errorf("%s: serve prints %q", name, s.urls)
		}
		if err := s.end(); err != nil {
			t.Errorf("%s: serve ends with %v", name, err)
		}
	}
}
