package attack

import (
	"net/http"
	"strings"
	"testing"
)

func (d *demo) askAs(host string, set map[string]string) *http.Response {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.base+"/", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	request.Host = host
	for name, value := range set {
		request.Header.Set(name, value)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer
}

func TestUnknownHostsAreRefused(t *testing.T) {
	d := startDemo(t)
	for _, name := range []string{"evil.example", "127.0.0.1", "127.0.0.1:1", host(d.base) + ".evil.example", "evil.example:80"} {
		if answer := d.askAs(name, nil); answer.StatusCode/100 == 2 {
			t.Errorf("Host %s is answered %s", name, answer.Status)
		}
	}
	port := d.base[strings.LastIndex(d.base, ":"):]
	answer := d.askAs("localhost"+port, nil)
	if to := answer.Header.Get("Location"); answer.StatusCode/100 != 3 || !strings.HasPrefix(to, d.base) {
		t.Errorf("another name of loopback is answered %s to %q, want a redirect to %s", answer.Status, to, d.base)
	}
}

func TestLinksInMailComeFromThePublicURLAlone(t *testing.T) {
	d := startDemo(t)
	b := d.browser()
	b.headers.Set("X-Forwarded-Host", "evil.example")
	b.headers.Set("X-Forwarded-Proto", "https")
	b.headers.Set("Forwarded", "host=evil.example;proto=https")
	b.start("customerX@example.com")
	for _, link := range d.mail("customerX@example.com", 0).links() {
		if !strings.HasPrefix(link, d.base+"/") {
			t.Errorf("the mail links to %s", link)
		}
	}
}
