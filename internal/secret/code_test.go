package secret_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"latchkey/internal/secret"
)

func TestCodeIsDerived(t *testing.T) {
	code, err := oneKey(t).Code("k1", challenge)
	if err != nil {
		t.Fatal(err)
	}
	// Written down once: a change of the derivation would break every code that is on its way.
	if want := "21052535"; code != want {
		t.Errorf("Code = %q, want %q", code, want)
	}
	again, _ := rotated(t).Code("k1", challenge)
	if again != code {
		t.Errorf("after rotation the same challenge has code %q, want %q", again, code)
	}
	if newer, _ := rotated(t).Code("k2", challenge); newer == code {
		t.Error("two keys give one code")
	}
	if _, err := oneKey(t).Code("k9", challenge); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("unknown key: %v, want ErrUnknownKey", err)
	}
}

func TestCodeEqual(t *testing.T) {
	r := oneKey(t)
	code, _ := r.Code("k1", challenge)
	wrong := string('0' + (code[7]-'0'+1)%10)
	for _, tt := range []struct {
		keyID, id, typed string
		want             bool
	}{
		{"k1", challenge, code, true},
		{"k1", challenge, code[:4] + " " + code[4:], true},
		{"k1", challenge, " " + code[:4] + "\u00a0–" + code[4:] + "\n", true},
		{"k1", challenge, code[:7] + wrong, false},
		{"k1", challenge, code[:7], false},
		{"k1", challenge, code + "0", false},
		{"k1", challenge, "", false},
		{"k9", challenge, code, false},
		{"k1", strings.Replace(challenge, "0", "1", 1), code, false},
	} {
		if got := r.CodeEqual(tt.keyID, tt.id, tt.typed); got != tt.want {
			t.Errorf("CodeEqual(%q, %q, %q) = %v, want %v", tt.keyID, tt.id, tt.typed, got, tt.want)
		}
	}
}

func TestNormalizeCode(t *testing.T) {
	for _, tt := range []struct {
		typed, want string
		ok          bool
	}{
		{"48310926", "48310926", true},
		{"4831 0926", "48310926", true},
		{"4831-0926", "48310926", true},
		{"4831\u00a00926", "48310926", true},
		{"\t4 8 3 1\u20090\u30009 2 6\r\n", "48310926", true},
		{"4831‐09–26", "48310926", true},
		{"4831−0926", "48310926", true},
		{"\u200b4831\ufeff0926\u00ad", "48310926", true},
		{"４８３１　０９２６", "48310926", true},
		{"0000 0000", "00000000", true},
		{"4831092", "", false},
		{"483109261", "", false},
		{"4831O926", "", false},
		{"48310926a", "", false},
		{"+48310926", "", false},
		{"4831.0926", "", false},
		{"٤٨٣١٠٩٢٦", "", false},
		{"４８３１０９２Ａ", "", false},
		{"", "", false},
		{"\xff48310926", "", false},
	} {
		got, ok := secret.NormalizeCode(tt.typed)
		if ok != tt.ok || (ok && got != tt.want) {
			t.Errorf("NormalizeCode(%q) = %q, %v, want %q, %v", tt.typed, got, ok, tt.want, tt.ok)
		}
	}
}

// TestCodesAreEven counts each digit at each place over many challenges: 10,000 codes, 1,000 of each
// expected, and seven standard deviations allowed.
func TestCodesAreEven(t *testing.T) {
	r := oneKey(t)
	const codes, want, off = 10_000, 1_000, 210
	var counts [secret.CodeDigits][10]int
	for i := range codes {
		code, err := r.Code("k1", fmt.Sprintf("%032x", i))
		if err != nil || len(code) != secret.CodeDigits {
			t.Fatalf("Code = %q, %v", code, err)
		}
		for place, c := range []byte(code) {
			counts[place][c-'0']++
		}
	}
	for place, digits := range counts {
		for digit, got := range digits {
			if got < want-off || got > want+off {
				t.Errorf("digit %d stands %d times at place %d, want about %d", digit, got, place, want)
			}
		}
	}
}

func FuzzNormalizeCode(f *testing.F) {
	for _, s := range []string{"4831 0926", "４８３１-0926", "", "\xff\xfe", "4831\u00a00926", strings.Repeat(" ", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		digits, ok := secret.NormalizeCode(typed)
		if !ok {
			return
		}
		if len(digits) != secret.CodeDigits || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("NormalizeCode(%q) = %q, which is no code", typed, digits)
		}
		if again, ok := secret.NormalizeCode(digits[:4] + " " + digits[4:]); !ok || again != digits {
			t.Fatalf("%q in two groups reads as %q", digits, again)
		}
	})
}
