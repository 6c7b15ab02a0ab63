package attack

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
)

// tell posts a report as the mail service does, or as somebody else would, and returns the status.
func (d *demo) tell(body []byte) int {
	d.t.Helper()
	answer, err := http.Post(d.base+"/webhooks/mailgun", "application/json", bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// waiting is a customer whose mail was taken and of whom nothing more is heard, and the mail's event.
func (d *demo) waiting(p *provider, address string) (*browser, mailguntest.Event) {
	d.t.Helper()
	p.SetFate(address, mailguntest.Silent)
	b := d.browser()
	b.start(address)
	d.until("accepted", func() bool { return b.delivery() == "accepted" })
	return b, mailguntest.Event{
		ID: "e", Domain: mailDomain, At: time.Now(), Recipient: address,
		Variables: map[string]string{mail.DeliveryVariable: p.to(address)[0].ID},
	}
}

// tell has the service report what became of a mail.
func (p *provider) tell(t testing.TB, d *demo, m sent, kind, severity string) {
	t.Helper()
	e := mailguntest.Event{
		ID: "e", Domain: mailDomain, At: time.Now(), Recipient: m.To, Type: kind, Severity: severity,
		Variables: map[string]string{mail.DeliveryVariable: m.ID},
	}
	if got := d.tell(mailguntest.WebhookBody(signingKey, e, time.Now())); got != http.StatusOK {
		t.Errorf("a report is answered %d", got)
	}
}

func of(e mailguntest.Event, kind, severity string) mailguntest.Event {
	e.Type, e.Severity = kind, severity
	return e
}

// Whoever has no key moves nothing, and neither does who heard a report and repeats it.
func TestForgedAndRepeatedReportsMoveNothing(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{})
	b, e := d.waiting(p, "ann@example.com")
	delivered, failed := of(e, "delivered", ""), of(e, "failed", "permanent")
	heard := mailguntest.WebhookBody(signingKey, of(e, "accepted", ""), time.Now())
	if got := d.tell(heard); got != http.StatusOK {
		t.Fatalf("a true report is answered %d", got)
	}
	altered := bytes.Replace(heard, []byte(`"accepted"`), []byte(`"delivered"`), 1)
	for name, tt := range map[string]struct {
		body   []byte
		status int
	}{
		"no key":            {mailguntest.WebhookBody("", delivered, time.Now()), http.StatusNotAcceptable},
		"another key":       {mailguntest.WebhookBody("guess", failed, time.Now()), http.StatusNotAcceptable},
		"yesterday's":       {mailguntest.WebhookBody(signingKey, failed, time.Now().Add(-24*time.Hour)), http.StatusNotAcceptable},
		"repeated":          {heard, http.StatusNotAcceptable},
		"repeated, altered": {altered, http.StatusNotAcceptable},
		"1 MB":              {append(bytes.TrimSuffix(mailguntest.WebhookBody(signingKey, failed, time.Now()), []byte("}")), []byte(`,"x":"`+strings.Repeat("x", 1<<20)+`"}`)...), http.StatusNotAcceptable},
		"no report":         {[]byte("hello"), http.StatusNotAcceptable},
		"an unknown event":  {mailguntest.WebhookBody(signingKey, of(e, "teleported", ""), time.Now()), http.StatusOK},
		"of no mail":        {mailguntest.WebhookBody(signingKey, mailguntest.Event{Type: "delivered"}, time.Now()), http.StatusOK},
	} {
		if got := d.tell(tt.body); got != tt.status {
			t.Errorf("%s: answered %d, want %d", name, got, tt.status)
		}
		if got := b.delivery(); got != "accepted" {
			t.Fatalf("%s: the mail is %s, want it accepted still", name, got)
		}
	}
	d.kill(9)
	d.start()
	if got := d.tell(altered); got != http.StatusNotAcceptable || b.delivery() != "accepted" {
		t.Errorf("repeated after a restart: answered %d, the mail is %s", got, b.delivery())
	}
}

// Reports come in any order; the page ends with what is true.
func TestReportsOutOfOrderEndRight(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{})
	delivered, delayed, failed, accepted := [2]string{"delivered"}, [2]string{"failed", "temporary"}, [2]string{"failed", "permanent"}, [2]string{"accepted"}
	for i, tt := range []struct {
		events [][2]string
		want   string
	}{
		{[][2]string{delivered, delayed, accepted}, "delivered"},
		{[][2]string{delayed, accepted}, "delayed"},
		{[][2]string{delayed, accepted, delivered, delayed}, "delivered"},
		{[][2]string{failed, accepted, delayed}, "failed"},
	} {
		b, e := d.waiting(p, fmt.Sprintf("order%d@example.com", i))
		for _, event := range tt.events {
			if got := d.tell(mailguntest.WebhookBody(signingKey, of(e, event[0], event[1]), time.Now())); got != http.StatusOK {
				t.Errorf("%v: answered %d", event, got)
			}
		}
		if got := b.delivery(); got != tt.want {
			t.Errorf("%v: the mail is %s, want %s", tt.events, got, tt.want)
		}
	}
}

// No report decides anything: the mail may be called failed by whoever holds the key, its code still works,
// and "delivered" proves nobody's mailbox.
func TestReportsDecideNothing(t *testing.T) {
	d, p := startMailed(t, mailguntest.Options{})
	b, e := d.waiting(p, "customerX@example.com")
	d.tell(mailguntest.WebhookBody(signingKey, of(e, "failed", "permanent"), time.Now()))
	if got := b.delivery(); got != "failed" {
		t.Fatalf("the mail is %s, want failed", got)
	}
	b.submit(b.field("code"), "code", p.to("customerX@example.com")[0].code())
	if len(b.page.hooks["situation"]) == 0 {
		t.Errorf("the code of a mail that arrived after all leads to %s", b.page.url)
	}
	other, e := d.waiting(p, "customerY@example.com")
	for _, kind := range []string{"delivered", "opened", "clicked", "unsubscribed", "complained"} {
		d.tell(mailguntest.WebhookBody(signingKey, of(e, kind, ""), time.Now()))
	}
	if got := other.get("/situation"); got.url.Path != "/check-email" {
		t.Errorf("reports alone lead to %s", got.url)
	}
}
