package secret_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"latchkey/internal/secret"
)

func TestHashesStayOverRotation(t *testing.T) {
	before, after := oneKey(t), rotated(t)
	if got, want := after.HashAddress("a@example.com"), before.HashAddress("a@example.com"); got != want {
		t.Errorf("after rotation HashAddress = %s, want %s", got, want)
	}
	if got, want := after.HashLimit("starts", "192.0.2.1"), before.HashLimit("starts", "192.0.2.1"); got != want {
		t.Errorf("after rotation HashLimit = %s, want %s", got, want)
	}
	if before.HashAddress("a@example.com") == other(t).HashAddress("a@example.com") {
		t.Error("another installation hashes an address alike")
	}
}

func TestHashesAreSeparate(t *testing.T) {
	r := oneKey(t)
	seen := map[string]string{}
	for name, hash := range map[string]string{
		"address":        r.HashAddress("a@example.com"),
		"other address":  r.HashAddress("b@example.com"),
		"limit":          r.HashLimit("starts", "a@example.com"),
		"other limit":    r.HashLimit("pages", "a@example.com"),
		"limit, moved":   r.HashLimit("start", "sa@example.com"),
		"limit, no name": r.HashLimit("", "a@example.com"),
		"form":           r.FormToken("a@example.com"),
	} {
		if with, taken := seen[hash]; taken {
			t.Errorf("%s and %s have one hash", name, with)
		}
		seen[hash] = name
	}
	if got, want := len(r.HashAddress("a@example.com")), 64; got != want {
		t.Errorf("HashAddress has %d characters, want %d", got, want)
	}
}

func TestFormToken(t *testing.T) {
	before, after := oneKey(t), rotated(t)
	text := before.FormToken("seed")
	for _, tt := range []struct {
		name       string
		ring       *secret.Ring
		seed, text string
		want       bool
	}{
		{"its session", before, "seed", text, true},
		{"after rotation", after, "seed", text, true},
		{"another session", before, "other", text, false},
		{"another installation", other(t), "seed", text, false},
		{"nothing", before, "seed", "", false},
		{"no session", before, "", before.FormToken(""), false},
		{"cut", before, "seed", text[:len(text)-1], false},
		{"longer", before, "seed", text + "A", false},
		{"altered", before, "seed", strings.Map(func(c rune) rune {
			if c == 'A' {
				return 'B'
			}
			return 'A'
		}, text), false},
	} {
		if got := tt.ring.FormTokenValid(tt.seed, tt.text); got != tt.want {
			t.Errorf("%s: FormTokenValid = %v, want %v", tt.name, got, tt.want)
		}
	}
	if after.FormToken("seed") == text {
		t.Error("after rotation new forms still carry the old key's token")
	}
}

func TestCookieKeys(t *testing.T) {
	before, after := oneKey(t).CookieKeys(), rotated(t).CookieKeys()
	if len(before) != 2 || len(after) != 4 {
		t.Fatalf("%d and %d keys, want 2 and 4", len(before), len(after))
	}
	if !bytes.Equal(before[0], after[2]) || !bytes.Equal(before[1], after[3]) {
		t.Error("after rotation the retired pair is not the second")
	}
	seen := map[string]bool{}
	for _, k := range after {
		if len(k) != secret.KeyBytes || seen[string(k)] {
			t.Errorf("a key of %d bytes, or one that stands twice", len(k))
		}
		seen[string(k)] = true
	}
}

func TestIDs(t *testing.T) {
	if a, b := secret.NewID(), secret.NewID(); len(a) != 32 || a == b {
		t.Errorf("NewID gives %q and %q", a, b)
	}
	if a, b := secret.NewCookieID(), secret.NewCookieID(); len(a) != 43 || a == b {
		t.Errorf("NewCookieID gives %q and %q", a, b)
	}
	if got, want := secret.HashID("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("HashID = %s, want %s", got, want)
	}
}

// What begins together is stored together; and those of one moment are many.
func TestReferencesOfOneMoment(t *testing.T) {
	const slot = 25 * time.Millisecond
	at := time.Unix(1_800_000_000, 0)
	seen := map[string]bool{}
	for range 1_000 {
		ref := secret.NewReference(at)
		if first := secret.NewReference(at.Add(slot - time.Millisecond)); first[:7] != ref[:7] {
			t.Fatalf("%s and %s are of one moment", ref, first)
		}
		seen[ref] = true
	}
	if len(seen) < 990 {
		t.Errorf("%d references of 1,000 differ", len(seen))
	}
	for i := range 50 {
		this, next := at.Add(time.Duration(i)*slot), at.Add(time.Duration(i+1)*slot)
		if a, b := secret.NewReference(this), secret.NewReference(next); a[:7] >= b[:7] {
			t.Errorf("%s is followed by %s, which does not stand behind it", a, b)
		}
	}
	if ref := secret.NewReference(time.Time{}); len(ref) != len("LK-7F3K-9MQD") {
		t.Errorf("the reference of no time is %s", ref)
	}
}

func TestReferences(t *testing.T) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	seen := map[string]bool{}
	used := map[rune]bool{}
	at := time.Unix(1_800_000_000, 0)
	for i := range 5_000 {
		ref := secret.NewReference(at.Add(time.Duration(i) * time.Second))
		groups := strings.Split(ref, "-")
		if len(groups) != 3 || groups[0] != "LK" || len(groups[1]) != 4 || len(groups[2]) != 4 {
			t.Fatalf("reference %q, want LK-XXXX-XXXX", ref)
		}
		for _, group := range groups[1:] {
			if !strings.ContainsAny(group, letters) {
				t.Errorf("%s: a group without a letter reads as a code", ref)
			}
			if strings.ContainsAny(group, "AEIOUY01LS5Z2B8") {
				t.Errorf("%s has a vowel or a character that is mistaken for another", ref)
			}
			for _, c := range group {
				used[c] = true
			}
		}
		seen[ref] = true
	}
	if len(seen) < 4_999 {
		t.Errorf("%d references of 5,000 differ", len(seen))
	}
	if len(used) != 21 {
		t.Errorf("%d characters are used, want 21", len(used))
	}
}
