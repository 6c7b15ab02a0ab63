package secret_test

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"latchkey/internal/secret"
)

const said = `{"t":"12345","a":"ann@example.com"}`

func TestSupportTokenHoldsWhatWasSaid(t *testing.T) {
	link := oneKey(t).SealSupport([]byte(said))
	for _, tt := range []struct {
		name string
		ring *secret.Ring
		want bool
	}{
		{"same key", oneKey(t), true},
		{"by a retired key", rotated(t), false},
		{"after the key is gone", ring(t, "address "+key(1), "key k2 "+key(3)), false},
		{"another installation with a key of the same id", other(t), false},
	} {
		plain, ok := tt.ring.OpenSupport(link)
		if ok != tt.want || (ok && string(plain) != said) {
			t.Errorf("%s: OpenSupport = %q, %v, want %v", tt.name, plain, ok, tt.want)
		}
	}
}

// The current key seals; what is in clear is version and key id alone, in characters that a path takes.
func TestSupportTokenIsSealedByTheCurrentKey(t *testing.T) {
	r := rotated(t)
	link := r.SealSupport([]byte(said))
	if !regexp.MustCompile(`^1\.k2\.[A-Za-z0-9_-]+$`).MatchString(link) {
		t.Errorf("token %q", link)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(link, "1.k2."))
	if err != nil || bytes.Contains(sealed, []byte("12345")) || bytes.Contains(sealed, []byte("ann@")) {
		t.Errorf("what was said can be read in %q (%v)", sealed, err)
	}
	if len(link) > len("1.k2.")+(len(said)+12+16)*4/3+1 {
		t.Errorf("%d characters for %d bytes", len(link), len(said))
	}
	if again := r.SealSupport([]byte(said)); again == link {
		t.Error("two tokens are alike")
	}
}

func TestEveryAlteredBitOfASupportTokenIsRefused(t *testing.T) {
	r := rotated(t)
	link := r.SealSupport([]byte(said))
	for i := range link {
		for bit := range 8 {
			text := []byte(link)
			text[i] ^= 1 << bit
			if plain, ok := r.OpenSupport(string(text)); ok {
				t.Errorf("character %d, bit %d altered: opens as %q", i, bit, plain)
			}
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(link, "1.k2."))
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		if _, ok := r.OpenSupport("1.k2." + base64.RawURLEncoding.EncodeToString(raw)); ok {
			t.Errorf("bit %d altered: opens", bit)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
}

func TestOtherTextsOfASupportTokenAreRefused(t *testing.T) {
	r := rotated(t)
	link := r.SealSupport([]byte(said))
	for _, text := range []string{
		"", ".", "1.", "1.k2.", "1.k1." + strings.TrimPrefix(link, "1.k2."), "2" + link[1:], link[:len(link)-1],
		link + "A", link + "=", link + "\n", "\n" + link, link[:20] + "\r\n" + link[20:], link + link,
		strings.Repeat("A", 1<<20), "1.k2." + strings.Repeat("A", 64), strings.ToUpper(link),
	} {
		if plain, ok := r.OpenSupport(text); ok {
			t.Errorf("OpenSupport(%.60q) = %q, want refusal", text, plain)
		}
	}
}

// A support link, a mailed link and a request's token are three things.
func TestSupportTokensAreNotTakenForOthers(t *testing.T) {
	r := oneKey(t)
	link := r.SealSupport([]byte(said))
	if _, ok := r.ParseLinkToken(link); ok {
		t.Error("a support token is taken for a mailed link's")
	}
	if _, ok := r.ParseRequestToken(link); ok {
		t.Error("a support token is taken for a request's")
	}
	for _, token := range []string{token(t, r, "k1", challenge), requestToken(t, r, "k1", challenge)} {
		for _, text := range []string{token, "1.k1." + token} {
			if _, ok := r.OpenSupport(text); ok {
				t.Errorf("%q is taken for a support token", text)
			}
		}
	}
}

func FuzzOpenSupport(f *testing.F) {
	r, err := secret.Parse("address " + key(1) + "\nkey k1 " + key(2))
	if err != nil {
		f.Fatal(err)
	}
	good := r.SealSupport([]byte(said))
	for _, s := range []string{good, "", "1.k1.", good + "="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if plain, ok := r.OpenSupport(text); ok && string(plain) != said { // nothing else was ever sealed
			t.Fatalf("%q opens as %q", text, plain)
		}
	})
}
