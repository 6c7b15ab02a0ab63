package secret_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/internal/secret"
)

func TestGenerateParses(t *testing.T) {
	first, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	r, err := secret.Parse(first)
	if err != nil {
		t.Fatalf("Parse(Generate()): %v", err)
	}
	second, _ := secret.Generate()
	s, err := secret.Parse(second)
	if err != nil {
		t.Fatal(err)
	}
	if r.HashAddress("a@example.com") == s.HashAddress("a@example.com") {
		t.Error("two generated files hash an address alike")
	}
	if r.CurrentKey() == s.CurrentKey() {
		t.Error("two generated files have the same key id")
	}
}

func TestParseReadsWindowsLinesAndComments(t *testing.T) {
	r, err := secret.Parse("# keys\r\n\r\naddress " + key(1) + " # stays\r\nkey k1 " + key(2) + "\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.CurrentKey(), "k1"; got != want {
		t.Errorf("CurrentKey() = %q, want %q", got, want)
	}
}

func TestParseReportsEveryFault(t *testing.T) {
	good := "address " + key(1) + "\nkey k1 " + key(2) + "\n"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{`no line "address`, `no line "key`}},
		{"comment only", "# nothing", []string{`no line "address`, `no line "key`}},
		{"no key", "address " + key(1), []string{`no line "key`}},
		{"no address", "key k1 " + key(2), []string{`no line "address`}},
		{"short key", "address " + key(1) + "\nkey k1 abcd", []string{"line 2: the key is not 32 bytes"}},
		{"padded key", "address " + key(1) + "=\nkey k1 " + key(2), []string{"line 1: the key is not 32 bytes"}},
		{"altered last character", "address " + key(1)[:42] + "F\nkey k1 " + key(2), []string{"line 1: the key is not"}},
		{"second address", good + "address " + key(3), []string{"line 3: a second address key"}},
		{"same id", good + "key k1 " + key(3) + " retired", []string{"line 3: the id stands"}},
		{"same key", good + "key k0 " + key(2) + " retired", []string{"line 3: the key stands"}},
		{"address key as key", "address " + key(1) + "\nkey k1 " + key(1), []string{"line 2: the key stands"}},
		{"two current", good + "key k0 " + key(3), []string{"line 3: only the first key is current"}},
		{"first retired", "address " + key(1) + "\nkey k1 " + key(2) + " retired", []string{"line 2: the first key"}},
		{"bad id", "address " + key(1) + "\nkey K_1 " + key(2), []string{"line 2: the id may have"}},
		{"unknown word", good + "secret " + key(4), []string{"line 3: starts with neither"}},
		{"two words for an address", "address " + key(1) + " " + key(2) + "\nkey k1 " + key(3), []string{`line 1: want "address`}},
		{"words behind", good + "key k0 " + key(4) + " old", []string{`line 3: want "key`}},
		{"many", "addr x\nkey\nkey k1 " + key(2) + "x\n", []string{"line 1:", "line 2:", "line 3:", `no line "address`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := secret.Parse(tt.text)
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.Count(err.Error(), "\n") + 1; got != len(tt.want) {
				t.Errorf("%d faults, want %d:\n%v", got, len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestNoErrorHoldsKeyMaterial(t *testing.T) {
	for _, text := range []string{
		key(1), key(1) + " " + key(2), "address " + key(1) + key(2), "key " + key(1), "key " + key(1) + " " + key(2),
		"address " + key(1) + " " + key(1), "key k1 " + key(1) + " " + key(2), "key k1 " + key(1) + "!",
	} {
		_, err := secret.Parse(text)
		if err == nil {
			t.Fatalf("Parse(%q) succeeds", text)
		}
		for _, piece := range []string{key(1)[:8], key(2)[:8]} {
			if strings.Contains(err.Error(), piece) {
				t.Errorf("Parse(%q): the error holds key material: %v", text, err)
			}
		}
	}
}

func TestRingPrintsAsNothing(t *testing.T) {
	r := oneKey(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if got, want := fmt.Sprintf(verb, r), "secret.Ring"; got != want {
			t.Errorf("%s prints %.40q, want %q", verb, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("address " + key(1) + "\nkey k1 " + key(2))
	f.Add("address\nkey\nkey a b c\n#\n\x00")
	f.Add("key k1 " + key(2) + " retired\naddress " + key(2))
	f.Fuzz(func(t *testing.T, text string) {
		r, err := secret.Parse(text)
		if (r == nil) == (err == nil) {
			t.Fatalf("Parse gives ring %v and error %v", r, err)
		}
		if r != nil && len(r.CookieKeys())%2 != 0 {
			t.Fatal("odd number of cookie keys")
		}
	})
}
