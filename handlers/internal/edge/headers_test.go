package edge

import (
	"net/url"
	"strings"
	"testing"
)

func TestFormsGoToEachOriginOnce(t *testing.T) {
	public := &url.URL{Scheme: "https", Host: "help.example.com"}
	h := SecurityHeaders(public, []string{"https://portal.example.com", "https://gitlab.com", "https://portal.example.com"})
	const want = "form-action 'self' https://portal.example.com https://gitlab.com; "
	if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
		t.Errorf("the policy is %q, want %q in it", policy, want)
	}
}
