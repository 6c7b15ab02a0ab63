package secret_test

import (
	"errors"
	"regexp"
	"testing"

	"latchkey/internal/secret"
)

func requestToken(t *testing.T, r *secret.Ring, keyID, id string) string {
	t.Helper()
	text, err := r.RequestToken(keyID, id)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRequestTokenNamesItsRequest(t *testing.T) {
	state := requestToken(t, oneKey(t), "k1", challenge)
	for _, tt := range []struct {
		name string
		ring *secret.Ring
		want bool
	}{
		{"same key", oneKey(t), true},
		{"after rotation", rotated(t), true},
		{"another installation", other(t), false},
	} {
		id, ok := tt.ring.ParseRequestToken(state)
		if ok != tt.want || (ok && id != challenge) {
			t.Errorf("%s: ParseRequestToken = %q, %v, want %v", tt.name, id, ok, tt.want)
		}
	}
}

// A mailed link and a request's token of one id are two things, and neither is taken for the other.
func TestTokensAreNotTakenForOneAnother(t *testing.T) {
	r := oneKey(t)
	if _, ok := r.ParseRequestToken(token(t, r, "k1", challenge)); ok {
		t.Error("a link token is taken for a request's")
	}
	if _, ok := r.ParseLinkToken(requestToken(t, r, "k1", challenge)); ok {
		t.Error("a request's token is taken for a link")
	}
}

func TestRequestSecretsDiffer(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) // also what PKCE takes as a verifier (RFC 7636)
	seen := map[string]string{}
	for _, of := range []struct{ key, id, name string }{
		{"k1", challenge, "nonce"},
		{"k1", challenge, "verifier"},
		{"k2", challenge, "nonce"},
		{"k1", "ffffffffffffffffffffffffffffffff", "nonce"},
	} {
		text, err := rotated(t).RequestSecret(of.key, of.id, of.name)
		if err != nil || !form.MatchString(text) {
			t.Fatalf("%v: got %q, %v", of, text, err)
		}
		if seen[text] != "" {
			t.Errorf("%v has the secret of %s", of, seen[text])
		}
		seen[text] = of.key + of.id + of.name
		if again, _ := rotated(t).RequestSecret(of.key, of.id, of.name); again != text {
			t.Errorf("%v: %q the second time, %q the first", of, again, text)
		}
	}
	if _, err := oneKey(t).RequestSecret("k9", challenge, "nonce"); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("unknown key: %v", err)
	}
}
