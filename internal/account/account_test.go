package account_test

import (
	"testing"

	"latchkey/internal/account"
)

func TestAnIdentityIsKnownByProviderAndSubjectAlone(t *testing.T) {
	known := &account.Identity{Provider: "gitlab", Subject: "7", Email: "ada@example.com"}
	for _, tt := range []struct {
		of                *account.Identity
		provider, subject string
		want              bool
	}{
		{known, "gitlab", "7", true},
		{known, "gitlab", "8", false},
		{known, "other", "7", false},
		{&account.Identity{Provider: "gitlab", Email: known.Email}, "gitlab", "7", false},
		{&account.Identity{Provider: "gitlab", Email: known.Email}, "gitlab", "", false},
		{nil, "gitlab", "7", false},
	} {
		if got := tt.of.Is(tt.provider, tt.subject); got != tt.want {
			t.Errorf("%+v is %s %q: %t, want %t", tt.of, tt.provider, tt.subject, got, tt.want)
		}
	}
}
