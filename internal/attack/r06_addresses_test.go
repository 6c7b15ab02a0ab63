package attack

import (
	"net/http"
	"strings"
	"testing"
)

func TestWhatIsNoAddressGetsAClearAnswerAndNoMail(t *testing.T) {
	d := startDemo(t, "--limit-scale", "100")
	for name, body := range map[string]string{
		"two":             "email=a%40example.com&email=b%40example.com",
		"list":            "email%5B%5D=a%40example.com",
		"json":            `{"email":"a@example.com"}`,
		"empty":           "email=",
		"missing":         "other=1",
		"line feed":       "email=a%40example.com%0d%0aBcc:b%40example.com",
		"space before":    "email=+a%40example.com",
		"space after":     "email=a%40example.com+",
		"tab before":      "email=%09a%40example.com",
		"nul":             "email=a%00%40example.com",
		"display name":    "email=Ann+%3Ca%40example.com%3E",
		"two in one":      "email=a%40example.com,b%40example.com",
		"ten kilobytes":   "email=" + strings.Repeat("a", 10<<10) + "%40example.com",
		"a megabyte":      "email=" + strings.Repeat("a", 1<<20) + "%40example.com",
		"no domain":       "email=a%40",
		"bad domain":      "email=a%40exa_mple..com",
		"not ascii":       "email=%C3%A4%40example.com",
		"bad percent":     "email=a%4",
		"quoted":          "email=%22a+b%22%40example.com",
		"comment":         "email=a(x)%40example.com",
		"semicolons":      "email=a%40example.com;email=b%40example.com",
		"long local":      "email=" + strings.Repeat("a", 65) + "%40example.com",
		"route":           "email=%40relay:a%40example.com",
		"trailing dot":    "email=a%40example.com.",
		"address-literal": "email=a%40%5B127.0.0.1%5D",
	} {
		t.Run(name, func(t *testing.T) {
			b := d.browser()
			token := b.get(d.base + "/").forms[0].fields.Get("token")
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.base+"/", strings.NewReader(body+"&token="+token))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if name == "json" {
				request.Header.Set("Content-Type", "application/json")
			}
			request.Header.Set("Origin", d.base)
			answer, err := b.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			if answer.StatusCode/100 != 4 {
				t.Errorf("answered %s", answer.Status)
			}
			if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
				t.Errorf("answered with %s, want a page", kind)
			}
		})
	}
	d.settled()
	if got := d.inbox(""); len(got) > 0 {
		t.Errorf("%d mails went out, the first to %s", len(got), got[0].To)
	}
	if strings.Contains(d.output(), "panic") {
		t.Error("something panicked")
	}
}

// Mail for an account goes to its stored bytes, however the customer wrote the address.
func TestMailForAnAccountGoesToItsStoredBytes(t *testing.T) {
	d := startDemo(t)
	b := d.prove("CUSTOMERX@example.com")
	if got := b.page.hooks["situation"]; len(got) == 0 || got[0] != "unlinked-legacy" {
		t.Fatalf("found %v", got)
	}
	before := len(d.inbox("customerX@example.com"))
	b.act("email-sign-in-link")
	if got := d.mail("customerX@example.com", before).To; !strings.Contains(got, "customerX@example.com") {
		t.Errorf("the link went to %s", got)
	}
}
