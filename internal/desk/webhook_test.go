package desk_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/desk"
	"latchkey/internal/desk/desktest"
	"latchkey/internal/recovery"
)

const signing = "a secret of twenty-odd bytes"

func newWebhook(t *testing.T, h http.Handler) *desk.Webhook {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	w, err := desk.NewWebhook(desk.WebhookConfig{
		URL: server.URL + "/hook", Secret: signing, Timeout: 200 * time.Millisecond, Now: func() time.Time { return start },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAHandOffIsASignedEvent(t *testing.T) {
	theirs := &desktest.Webhook{Secret: signing}
	w := newWebhook(t, theirs)
	number, err := w.File(t.Context(), handOff(boundTo("35436")))
	if err != nil || number != "1" {
		t.Fatalf("number %q, %v", number, err)
	}
	var got struct {
		Version             int
		Type, ID, Reference string
		Requester           struct {
			Address  string
			Verified bool
		}
		Ticket struct {
			Kind, Language, Subject, Message, Note string
			Bound                                  string `json:"bound_ticket"`
			ConsoleURL                             string `json:"console_url"`
			Support                                []struct {
				Situation string
				Steps     []string
			}
			Evidence struct {
				Reference string
				Findings  []struct{ Situation string }
			}
		}
	}
	if err := json.Unmarshal(theirs.Events()[0], &got); err != nil {
		t.Fatal(err)
	}
	var whole any
	if err := json.Unmarshal(theirs.Events()[0], &whole); err != nil {
		t.Fatal(err)
	}
	if names := upper(whole); len(names) > 0 {
		t.Errorf("not written as the other fields are: %q", names)
	}
	if got.Version != 1 || got.Type != "ticket" || got.ID != "0d" || got.Requester.Address != customer || !got.Requester.Verified {
		t.Errorf("got %+v", got)
	}
	ticket := got.Ticket
	if ticket.Kind != "support" || ticket.Bound != "35436" || ticket.Message != handOff().Ticket.Message || ticket.ConsoleURL != console ||
		len(ticket.Support) != 1 || len(ticket.Support[0].Steps) != 2 || len(ticket.Evidence.Findings) != 3 {
		t.Errorf("the ticket: %+v", ticket)
	}
	r := theirs.Wire()[0]
	if r.Header.Get("Idempotency-Key") != "0d" || r.Header.Get("Latchkey-Timestamp") != "1795424400" || r.Path != "/hook" {
		t.Errorf("headers %v, path %s", r.Header, r.Path)
	}
}

// upper are the names of fields, at any depth, that are not in lower case. Whoever is connected reads them as they
// are written, and one in upper case is one that nobody gave.
func upper(value any) []string {
	var names []string
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if name != strings.ToLower(name) {
				names = append(names, name)
			}
			names = append(names, upper(inner)...)
		}
	case []any:
		for _, inner := range v {
			names = append(names, upper(inner)...)
		}
	}
	return names
}

// Every attempt says the same under the same key, so that one ticket comes of them.
func TestAttemptsAreOneEvent(t *testing.T) {
	for name, fault := range map[string]desktest.Fault{
		"no answer, and done": {Hang: true, Acted: true}, "reset": {Reset: true}, "reset, and done": {Reset: true, Acted: true},
		"500": {Status: 500}, "503, and done": {Status: 503, Acted: true}, "429": {Status: 429, RetryAfter: "1"}, "409": {Status: 409},
	} {
		var met atomic.Bool // attempts come by connections of their own
		theirs := &desktest.Webhook{Secret: signing, Fail: func(desktest.Request) *desktest.Fault {
			if met.Swap(true) {
				return nil
			}
			return &fault
		}}
		w := newWebhook(t, theirs)
		if _, err := w.File(t.Context(), handOff()); err == nil || refusedFor(err) != "" {
			t.Fatalf("%s: %v, want an error worth another attempt", name, err)
		}
		if number, err := w.File(t.Context(), handOff()); err != nil || number != "1" || len(theirs.Events()) != 1 {
			t.Errorf("%s: number %q, %v, %d events", name, number, err, len(theirs.Events()))
		}
		wire := theirs.Wire()
		if string(wire[0].Body) != string(wire[1].Body) {
			t.Errorf("%s: two attempts differ", name)
		}
	}
}

func TestTheSignatureCoversTimeAndBody(t *testing.T) {
	theirs := &desktest.Webhook{Secret: "another secret of twenty bytes"}
	if _, err := newWebhook(t, theirs).File(t.Context(), handOff()); refusedFor(err) != "webhook-400" || len(theirs.Events()) != 0 {
		t.Errorf("a wrong secret: %v", err)
	}
	sign := desk.Sign(signing, "1795424400", []byte("{}"))
	if sign == desk.Sign(signing, "1795424401", []byte("{}")) || sign == desk.Sign(signing, "1795424400", []byte("{ }")) {
		t.Error("the signature does not depend on both")
	}
}

func TestWhatTheAnswerMaySay(t *testing.T) {
	for answer, want := range map[string]string{
		`{"ticket":"T-17"}`: "T-17", `{"ticket":17}`: "17", `{}`: "", ``: "", `OK`: "", `{"ticket":null}`: "", `[1]`: "",
		`{"ticket":{"id":1}}`: "", `{"ticket":"` + strings.Repeat("x", 65) + `"}`: "",
	} {
		w := newWebhook(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
		if got, err := w.File(t.Context(), handOff()); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", answer, got, err, want)
		}
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer elsewhere.Close()
	w := newWebhook(t, http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	if _, err := w.File(t.Context(), handOff()); err == nil || asked {
		t.Errorf("%v, asked elsewhere: %v", err, asked)
	}
}

func TestANoteIsAnEvent(t *testing.T) {
	theirs := &desktest.Webhook{Secret: signing}
	w := newWebhook(t, theirs)
	for range 2 {
		if err := w.Note(t.Context(), note("35436", customer)); err != nil {
			t.Fatal(err)
		}
	}
	events := theirs.Events()
	if len(events) != 1 || !strings.Contains(string(events[0]), `"type":"note"`) || !strings.Contains(string(events[0]), `"ticket":"35436"`) {
		t.Errorf("got %s", events)
	}
	if err := w.Note(t.Context(), note("35436")); refusedFor(err) != recovery.ReasonOtherRequester {
		t.Errorf("nobody proven: %v", err)
	}
}

func TestAWebhookNeedsTLSAndASecret(t *testing.T) {
	for name, c := range map[string]desk.WebhookConfig{
		"no TLS": {URL: "http://desk.example.com/hook", Secret: signing}, "no URL": {Secret: signing},
		"a short secret": {URL: "https://desk.example.com/hook", Secret: "short"},
	} {
		if _, err := desk.NewWebhook(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestTheMailboxIsADeskWithoutNotes(t *testing.T) {
	mail := &mailer{}
	e := desk.Email{Mail: mail}
	if number, err := e.File(t.Context(), handOff()); err != nil || number != "" || len(mail.sent) != 1 {
		t.Errorf("number %q, %v, %d mails", number, err, len(mail.sent))
	}
	if err := e.Note(t.Context(), note("1", customer)); refusedFor(err) != recovery.ReasonNoNotes || len(mail.sent) != 1 {
		t.Errorf("a note: %v, %d mails", err, len(mail.sent))
	}
	mail.err = &recovery.SendError{Permanent: true, Reason: "bounced", Err: errors.New("550")}
	if _, err := e.File(t.Context(), handOff()); refusedFor(err) != "bounced" {
		t.Errorf("the mail's own fault: %v", err)
	}
}
