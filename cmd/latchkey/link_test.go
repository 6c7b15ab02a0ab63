package main

import (
	"regexp"
	"strings"
	"testing"

	"latchkey/internal/diagnosis"
	"latchkey/internal/secret"
)

func TestLinkPrintsAURL(t *testing.T) {
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := secret.Parse(keys)
	if err != nil {
		t.Fatal(err)
	}
	out, errs, status := command(t.Context(), "link", "--ticket", "12345", "--email", "ann@example.com",
		"--situation", "unlinked-legacy", "--lang", "en", "--ttl", "7d", "--keys", keys, "--public-url", "https://help.example.com/")
	found := regexp.MustCompile(`^https://help\.example\.com/s/(\S+)\n$`).FindStringSubmatch(out)
	if status != 0 || errs != "" || found == nil {
		t.Fatalf("%q, %q, status %d", out, errs, status)
	}
	plain, ok := ring.OpenSupport(found[1])
	for _, want := range []string{"12345", "ann@example.com", "unlinked-legacy"} {
		if !ok || !strings.Contains(string(plain), want) {
			t.Errorf("the link does not say %s", want)
		}
		if want != "unlinked-legacy" && strings.Contains(out, want) {
			t.Errorf("%s can be read in the link", want)
		}
	}
}

func TestLinkSaysAllThatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"nothing", nil, []string{"--ticket (or LATCHKEY_TICKET) is missing", "--keys-file (or", "--public-url (or"}},
		{"form", []string{"--ticket", "1", "--keys", "x", "--public-url", "http://help.example.com", "--ttl", "0s", "--email", "nobody"}, []string{
			"--public-url \"http://help.example.com\": is http", "--ttl \"0s\": is no time", "--email \"nobody\": is no address",
		}},
		{"too short", []string{"--ticket", "1", "--keys", "x", "--public-url", "https://help.example.com", "--ttl", "59s"}, []string{
			"--ttl \"59s\": is not from 1m to 7d",
		}},
		{"meaning", []string{
			"--ticket", "1 2", "--keys", "x", "--public-url", "https://help.example.com", "--situation", "unlinked", "--lang", "german", "--ttl", "8d",
		}, []string{"--ticket \"1 2\"", "--situation \"unlinked\": is none of", string(diagnosis.LinkedEmailMismatch), "--lang \"german\"", "--ttl \"192h0m0s\": is not from 1m to 7d", "key file, line 1"}},
	} {
		out, errs, status := command(t.Context(), append([]string{"link"}, tt.args...)...)
		if status != exitUsage || out != "" {
			t.Errorf("%s: %q, status %d", tt.name, out, status)
		}
		for _, want := range tt.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: nothing says %q:\n%s", tt.name, want, errs)
			}
		}
	}
}
