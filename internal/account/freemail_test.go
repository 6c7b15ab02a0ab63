package account_test

import (
	"testing"

	"latchkey/internal/account"
)

func TestFreeMail(t *testing.T) {
	for domain, want := range map[string]bool{
		"gmail.com": true, "googlemail.com": true, "icloud.com": true, "proton.me": true, "tuta.com": true, "seznam.cz": true,
		"yahoo.com": true, "yahoo.ca": true, "yahoo.com.au": true, "yahoo.co.in": true, "hotmail.nl": true, "outlook.es": true,
		"hotmail.co.uk": true, "live.com": true, "gmx.net": true, "yandex.ru": true,

		"example.com": false, "organization.com": false, "yahoo.example.com": false, "live.company": false,
		"mail.yahoo-inc.com": false, "notgmail.com": false, "outlook.acme.com": false, "gmx": false,
	} {
		a, err := account.ParseAddress("someone@" + domain)
		if err != nil {
			if want {
				t.Errorf("%s: %v", domain, err)
			}
			continue
		}
		if got := a.FreeMail(); got != want {
			t.Errorf("%s is a free-mail domain: %v, want %v", domain, got, want)
		}
	}
}
