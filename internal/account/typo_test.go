package account_test

import (
	"testing"

	"latchkey/internal/account"
)

func TestSuggestion(t *testing.T) {
	for typed, want := range map[string]string{
		// one slip
		"ann@gmial.com":       "ann@gmail.com",
		"ann@gmal.com":        "ann@gmail.com",
		"ann@gmaill.com":      "ann@gmail.com",
		"ann@gnail.com":       "ann@gmail.com",
		"ann@gmail.con":       "ann@gmail.com",
		"ann@gmail.cmo":       "ann@gmail.com",
		"ann@gmail.co":        "ann@gmail.com",
		"ann@gmail.comm":      "ann@gmail.com",
		"ann@hotnail.com":     "ann@hotmail.com",
		"ann@hotmial.co.uk":   "ann@hotmail.co.uk",
		"ann@outlok.com":      "ann@outlook.com",
		"ann@yaho.com":        "ann@yahoo.com",
		"ann@yahho.de":        "ann@yahoo.de",
		"ann@iclould.com":     "ann@icloud.com",
		"ann@prton.me":        "ann@proton.me",
		"Ann.B+x@GMIAL.COM":   "Ann.B+x@gmail.com",
		" ann@gmial.com ":     "ann@gmail.com",
		"ann@gmailcom":        "ann@gmail.com", // refused as an address, and still understood
		"ann@gmail,com":       "ann@gmail.com",
		"ann@gmail..com":      "ann@gmail.com",
		"ann@mail@gmial.com":  "", // the rest is no address either
		"ann b@gmial.com":     "",
		"J\u00f6rg@gmial.com": "",
		"@gmial.com":          "",
		"gmial.com":           "",
		"":                    "",
		// right as it is, or known itself
		"ann@gmail.com":   "",
		"ann@GMAIL.com":   "",
		"ann@ymail.com":   "", // one letter from gmail.com
		"ann@mail.com":    "",
		"ann@email.com":   "",
		"ann@hotmail.es":  "", // one letter from hotmail.de
		"ann@example.com": "",
		// two slips, and countries of their own
		"ann@gmial.con":        "",
		"ann@yahoo.se":         "",
		"ann@yahoo.ie":         "",
		"ann@hotmail.be":       "",
		"ann@outlook.be":       "",
		"ann@yahoo.co.id":      "",
		"ann@mail.gmail.com":   "",
		"ann@gmail.com.au":     "",
		"ann@notgmail.com":     "",
		"ann@company.co":       "",
		"ann@organization.com": "",
	} {
		if got := account.Suggestion(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func FuzzSuggestion(f *testing.F) {
	f.Add("ann@gmial.com")
	f.Add("\xff@\xffmail.com")
	f.Fuzz(func(t *testing.T, typed string) {
		got := account.Suggestion(typed)
		if got == "" {
			return
		}
		if _, err := account.ParseAddress(got); err != nil {
			t.Errorf("%q is answered with %q, which is no address: %v", typed, got, err)
		}
		if again := account.Suggestion(got); again != "" {
			t.Errorf("%q is answered with %q, and that with %q", typed, got, again)
		}
	})
}
