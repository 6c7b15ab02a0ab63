package mail_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
)

func suppressions(t *testing.T, base string) *mail.Suppressions {
	t.Helper()
	s, err := mail.NewSuppressions(mail.LogDomain{Domain: portalDomain, APIKey: "key-portal", Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuppressionsOfAnAddress(t *testing.T) {
	s, base := service(t)
	since := now.Add(-48 * time.Hour)
	s.Suppress("bounces", portalDomain, mailguntest.Suppression{Address: customer, Code: "550 5.1.1", Error: customer, At: since})
	s.Suppress("unsubscribes", portalDomain, mailguntest.Suppression{Address: customer, At: since})
	s.Suppress("complaints", ownDomain, mailguntest.Suppression{Address: customer, At: since})
	got, err := suppressions(t, base).Of(t.Context(), customer)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].Since = got[i].Since.UTC()
	}
	want := []account.Suppression{
		{List: account.ListBounces, Code: "550", Since: since},
		{List: account.ListUnsubscribes, Since: since},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, err := suppressions(t, base).Of(t.Context(), "other@example.com"); err != nil || len(got) != 0 {
		t.Errorf("another address: got %v, %v; want none", got, err)
	}
}

// Each of these would lead elsewhere if it went into the path as it is: to the whole list, to a fragment,
// a folder up. The wire shows where they led.
func TestStrangeAddressesReachTheirOwnURL(t *testing.T) {
	for address, escaped := range map[string]string{
		"?@x.com":                 "%3F@x.com",
		"a#b@x.com":               "a%23b@x.com",
		"a/b@x.com":               "a%2Fb@x.com",
		"%2e%2e@x.com":            "%252e%252e@x.com",
		"../../x/bounces/y@x.com": "..%2F..%2Fx%2Fbounces%2Fy@x.com",
		"a+b@x.com":               "a+b@x.com",
	} {
		t.Run(address, func(t *testing.T) {
			s, base := service(t)
			for _, list := range mailguntest.Lists {
				s.Suppress(list, portalDomain, mailguntest.Suppression{Address: address, At: now})
				s.Suppress(list, portalDomain, mailguntest.Suppression{Address: "bystander@x.com", At: now})
			}
			got, err := suppressions(t, base).Of(t.Context(), address)
			if err != nil || len(got) != 3 {
				t.Errorf("got %v, %v; want the address on 3 lists", got, err)
			}
			var want, uris []string
			for _, list := range mailguntest.Lists {
				want = append(want, "GET /v3/"+portalDomain+"/"+list+"/"+escaped)
			}
			for _, r := range s.Wire() {
				uris = append(uris, r.Method+" "+r.URI)
			}
			if !slices.Equal(uris, want) {
				t.Errorf("got\n%q, want\n%q", uris, want)
			}
		})
	}
}

func TestNoAddressIsNoList(t *testing.T) {
	s, base := service(t)
	if _, err := suppressions(t, base).Of(t.Context(), ""); !errors.Is(err, mail.ErrSuppressions) {
		t.Errorf("got %v, want ErrSuppressions", err)
	}
	if n := len(s.Wire()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestListsThatCannotBeRead(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no: "+r.RequestURI, http.StatusInternalServerError)
	}))
	defer web.Close()
	_, err := suppressions(t, web.URL+"/v3").Of(t.Context(), customer)
	if !errors.Is(err, mail.ErrSuppressions) {
		t.Fatalf("got %v, want ErrSuppressions", err)
	}
	noAddress(t, err.Error(), customer)
}

// A domain that Mailgun does not know is no answer, nor is a page, where an address that is on no list is one.
func TestUnknownDomainIsNoAnswer(t *testing.T) {
	for _, tt := range []struct {
		media, body string
		want        error
	}{
		{"application/json", `{"message": "Domain not found: portal.vendor.example"}`, mail.ErrSuppressions},
		{"text/html", "<!doctype html><title>Not found</title>", mail.ErrSuppressions},
		{"application/json", `{"error": "no route"}`, mail.ErrSuppressions},
		{"application/json", "", mail.ErrSuppressions},
		{"application/json", `{"message": "Address not found in bounces table"}`, nil},
	} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", tt.media)
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(tt.body))
		}))
		listed, err := suppressions(t, web.URL+"/v3").Of(t.Context(), "ann@example.com")
		web.Close()
		if !errors.Is(err, tt.want) || len(listed) != 0 {
			t.Errorf("%s: got %v, %v; want %v", tt.body, listed, err, tt.want)
		}
	}
}
