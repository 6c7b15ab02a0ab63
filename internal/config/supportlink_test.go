package config_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
)

func TestSupportLink(t *testing.T) {
	keys := file(t, "address x\n")
	c := load(t, variables{"LATCHKEY_PUBLIC_URL": "https://help.example.com/"}, "link", "--ticket", "12345", "--keys-file", keys)
	want := config.SupportLink{Ticket: "12345", TTL: 72 * time.Hour, PublicURL: "https://help.example.com"}
	if c.Command != config.Link || c.SupportLink != want || c.Keys != "address x" {
		t.Errorf("link is %+v with keys %q", c.SupportLink, c.Keys)
	}
}

func TestSupportLinkSaysAllThatIsWrong(t *testing.T) {
	got := faults(t, nil, "link", "--ttl", "0s", "--email", "Ann <ann@example.com>")
	for _, want := range []string{"--ticket (or", "--public-url (or", "--keys-file (or", "--ttl \"0s\"", "--email \"Ann"} {
		if !slices.ContainsFunc(got, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("nothing says %s: %q", want, got)
		}
	}
}
