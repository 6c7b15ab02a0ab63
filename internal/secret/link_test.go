package secret_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"latchkey/internal/secret"
)

func token(t *testing.T, r *secret.Ring, keyID, id string) string {
	t.Helper()
	text, err := r.LinkToken(keyID, id)
	if err != nil {
		t.Fatalf("LinkToken: %v", err)
	}
	return text
}

func TestLinkTokenNamesItsChallenge(t *testing.T) {
	link := token(t, oneKey(t), "k1", challenge)
	for _, tt := range []struct {
		name string
		ring *secret.Ring
		want bool
	}{
		{"same key", oneKey(t), true},
		{"after rotation", rotated(t), true},
		{"after the key is gone", ring(t, "address "+key(1), "key k2 "+key(3)), false},
		{"another installation", other(t), false},
	} {
		id, ok := tt.ring.ParseLinkToken(link)
		if ok != tt.want || (ok && id != challenge) {
			t.Errorf("%s: ParseLinkToken = %q, %v, want %v", tt.name, id, ok, tt.want)
		}
	}
}

func TestLinkTokenRefusesOtherIDs(t *testing.T) {
	r := oneKey(t)
	for _, id := range []string{"", "00", challenge + "00", strings.ToUpper(challenge), strings.Repeat("g", 32)} {
		if _, err := r.LinkToken("k1", id); !errors.Is(err, secret.ErrChallengeID) {
			t.Errorf("LinkToken(%q): %v, want ErrChallengeID", id, err)
		}
	}
	if _, err := r.LinkToken("k9", challenge); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("unknown key: %v, want ErrUnknownKey", err)
	}
}

func TestEveryAlteredBitOfATokenIsRefused(t *testing.T) {
	r := rotated(t)
	link := token(t, r, "k2", challenge)
	raw, err := base64.RawURLEncoding.DecodeString(link)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		if id, ok := r.ParseLinkToken(base64.RawURLEncoding.EncodeToString(raw)); ok {
			t.Errorf("bit %d altered: accepted as %s", bit, id)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for i := range link {
		for bit := range 8 {
			text := []byte(link)
			text[i] ^= 1 << bit
			if _, ok := r.ParseLinkToken(string(text)); ok {
				t.Errorf("character %d, bit %d altered: accepted", i, bit)
			}
		}
	}
}

func TestOtherTextsOfATokenAreRefused(t *testing.T) {
	r := oneKey(t)
	link := token(t, r, "k1", challenge)
	for _, text := range []string{
		"", link[:63], link + "A", link + "=", link + "\n", "\n" + link, link[:32] + "\r\n" + link[32:],
		strings.ReplaceAll(strings.ReplaceAll(link, "-", "+"), "_", "/") + "=", strings.Repeat("A", 64),
		strings.Repeat("\n", 64), link + link,
	} {
		if id, ok := r.ParseLinkToken(text); ok {
			t.Errorf("ParseLinkToken(%q) = %q, want refusal", text, id)
		}
	}
}

func FuzzParseLinkToken(f *testing.F) {
	r, err := secret.Parse("address " + key(1) + "\nkey k1 " + key(2))
	if err != nil {
		f.Fatal(err)
	}
	good, err := r.LinkToken("k1", challenge)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good, "", good[:63], good + "=", strings.Repeat("_", 64)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := r.ParseLinkToken(text)
		if !ok {
			return
		}
		if again, err := r.LinkToken("k1", id); err != nil || again != text {
			t.Fatalf("%q is accepted for %q, whose token is %q, %v", text, id, again, err)
		}
	})
}
