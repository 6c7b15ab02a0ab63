package account_test

import (
	"errors"
	"strings"
	"testing"

	"latchkey/internal/account"
)

func TestParseAddressTakesOneBareAddress(t *testing.T) {
	label63, label64 := strings.Repeat("b", 63), strings.Repeat("b", 64)
	for _, tt := range []struct {
		typed string
		want  string // as mail is sent there
		err   error
	}{
		{"ada@example.com", "ada@example.com", nil},
		{"Ada.L+x@Example.COM", "Ada.L+x@example.com", nil},
		{"o'hara_-/=?^`{|}~#$%&*!@example.com", "o'hara_-/=?^`{|}~#$%&*!@example.com", nil},
		{"a@bücher.example", "a@xn--bcher-kva.example", nil},
		{"a@xn--bcher-kva.example", "a@xn--bcher-kva.example", nil},
		{"a@straße.de", "a@xn--strae-oqa.de", nil},
		{"a@example。com", "a@example.com", nil},
		{"a@1and1.123.com", "a@1and1.123.com", nil},
		{"a@" + label63 + ".com", "a@" + label63 + ".com", nil},
		{strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com", nil},

		{"", "", account.ErrAddressEmpty},
		{strings.Repeat("a", 65) + "@example.com", "", account.ErrAddressTooLong},
		{"a@" + strings.Repeat("b.", 125) + "com", "", account.ErrAddressTooLong},
		{" a@example.com", "", account.ErrAddressForm},
		{"a@example.com ", "", account.ErrAddressForm},
		{"a@example.com\n", "", account.ErrAddressForm},
		{"a@example.com\r\nBcc: b@example.com", "", account.ErrAddressForm},
		{"a\x00@example.com", "", account.ErrAddressForm},
		{"a\x7f@example.com", "", account.ErrAddressForm},
		{"a\xff@example.com", "", account.ErrAddressForm},
		{"Ada <a@example.com>", "", account.ErrAddressForm},
		{"<a@example.com>", "", account.ErrAddressForm},
		{"a@example.com, b@example.com", "", account.ErrAddressForm},
		{"a(x)@example.com", "", account.ErrAddressForm},
		{`"a"@example.com`, "", account.ErrAddressForm},
		{`"a b"@example.com`, "", account.ErrAddressForm},
		{`"a@b"@example.com`, "", account.ErrAddressForm},
		{".a@example.com", "", account.ErrAddressForm},
		{"a..b@example.com", "", account.ErrAddressForm},
		{"a", "", account.ErrAddressForm},
		{"a@", "", account.ErrAddressForm},
		{"@example.com", "", account.ErrAddressForm},
		{"a@example.com.", "", account.ErrAddressForm},
		{"ä@example.com", "", account.ErrAddressNotASCII},
		{"a@localhost", "", account.ErrAddressDomain},
		{"a@[127.0.0.1]", "", account.ErrAddressDomain},
		{"a@127.0.0.1", "", account.ErrAddressDomain},
		{"a@example.123", "", account.ErrAddressDomain},
		{"a@ex_ample.com", "", account.ErrAddressDomain},
		{"a@-example.com", "", account.ErrAddressDomain},
		{"a@exam\u200dple.com", "", account.ErrAddressDomain},
		{"a@" + label64 + ".com", "", account.ErrAddressDomain},
		{"a@" + strings.Repeat("ü", 60) + ".com", "", account.ErrAddressDomain},
	} {
		got, err := account.ParseAddress(tt.typed)
		if !errors.Is(err, tt.err) || got.String() != tt.want {
			t.Errorf("ParseAddress(%q) = %q, %v, want %q, %v", tt.typed, got, err, tt.want, tt.err)
		}
		if got.IsZero() != (tt.err != nil) {
			t.Errorf("ParseAddress(%q): zero is %t", tt.typed, got.IsZero())
		}
	}
}

// Addresses are the same after ASCII lower case and IDNA; limits alone fold more (R6).
func TestAddressesMatch(t *testing.T) {
	for _, tt := range []struct {
		a, b        string
		same, limit bool
	}{
		{"Ada@Example.com", "ada@example.COM", true, true},
		{"a@bücher.example", "a@XN--BCHER-KVA.example", true, true},
		{"a.b@example.com", "ab@example.com", false, true},
		{"a+x@example.com", "a@example.com", false, true},
		{"a_b@example.com", "a.b@example.com", false, false},
		{"a@example.com", "a@example.org", false, false},
	} {
		a, errA := account.ParseAddress(tt.a)
		b, errB := account.ParseAddress(tt.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Matches(b) != tt.same || (a.LimitKey() == b.LimitKey()) != tt.limit {
			t.Errorf("%s and %s: match %t, one mailbox for limits %t", tt.a, tt.b, a.Matches(b), a.LimitKey() == b.LimitKey())
		}
		if a.Is(tt.b) != tt.same || b.Is(tt.a) != tt.same {
			t.Errorf("%s is %s: %t, and the other way round %t", tt.a, tt.b, a.Is(tt.b), b.Is(tt.a))
		}
	}
	none := account.Address{}
	if none.Matches(none) || none.Is("") || none.Is("ada@example.com") {
		t.Error("no address matches itself, or another")
	}
	if a, _ := account.ParseAddress("ada@example.com"); a.Is("") || a.Is("Ada <ada@example.com>") || a.Is("erased") {
		t.Error("what is no address names a mailbox")
	}
}

func TestADomainInLetters(t *testing.T) {
	for typed, want := range map[string]string{
		"a@bücher.example": "bücher.example", "a@xn--bcher-kva.example": "bücher.example", "a@BÜCHER.example": "bücher.example",
		"a@straße.de": "straße.de", "a@example.com": "", "a@EXAMPLE.com": "",
	} {
		a, err := account.ParseAddress(typed)
		if got := a.DomainInLetters(); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", typed, got, err, want)
		}
	}
	if got := (account.Address{}).DomainInLetters(); got != "" {
		t.Errorf("no address: %q", got)
	}
}
