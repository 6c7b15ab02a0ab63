package desk_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"latchkey/internal/desk"
	"latchkey/internal/desk/desktest"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

const (
	customer = "ann.customer@example.com"
	stranger = "somebody.else@example.com"
	agent    = "bot@acme.example"
	token    = "zendesk-token"
	console  = "https://ops.acme.example/console/cases/LK-7F3K-92QD"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// house is the adapter and the desk that it asks.
type house struct {
	*desk.Zendesk
	desk *desktest.Zendesk
	now  time.Time
}

func newHouse(t *testing.T, change ...func(*desk.ZendeskConfig)) *house {
	t.Helper()
	h := &house{now: start}
	h.desk = desktest.NewZendesk(desktest.Options{User: agent, Token: token, Now: func() time.Time { return h.now }})
	server := httptest.NewServer(h.desk)
	t.Cleanup(server.Close)
	c := desk.ZendeskConfig{URL: server.URL, User: agent, Token: token, Timeout: 200 * time.Millisecond}
	for _, f := range change {
		f(&c)
	}
	var err error
	if h.Zendesk, err = desk.NewZendesk(c); err != nil {
		t.Fatal(err)
	}
	return h
}

func evidence() recovery.Evidence {
	return recovery.Evidence{
		Reference: "LK-7F3K-92QD", Language: "de", Browser: "Firefox on Linux", Entry: recovery.EntrySigned,
		Findings: []recovery.EvidenceFinding{
			{Situation: diagnosis.LinkedEmailMismatch, AccountID: "7"},
			{Situation: diagnosis.MailSuppressed, AccountID: "7"},
			{Situation: diagnosis.LinkedEmailMismatch, AccountID: "8"},
		},
		Proven:     []recovery.EvidenceProof{{Address: customer, Via: recovery.ViaCode, At: start}},
		Identities: []recovery.EvidenceIdentity{{Provider: "gitlab", Subject: "42", Issuer: "https://gitlab.example", At: start}},
		Said:       &recovery.EvidenceSaid{Symptom: "other", Text: "Something else"},
		Link:       &recovery.EvidenceLink{Ticket: "35436", Signed: true},
		Checks:     []diagnosis.Check{{ID: diagnosis.CheckAccounts, State: diagnosis.CheckFailed}},
		Acts:       []recovery.EvidenceAct{{At: start, Act: recovery.ActStarted}},
		Mails:      []recovery.EvidenceDelivery{{Kind: recovery.KindProve, State: recovery.StateDelivered, At: start}},
	}
}

// handOff is a hand-off of the customer.
func handOff(change ...func(*recovery.Ticket)) recovery.Message {
	t := recovery.Ticket{
		ID: "0d", Kind: recovery.HandOffSupport, Reference: "LK-7F3K-92QD", Requester: customer, Language: "de",
		Message: "I cannot get in.\nPlease help.", Note: "Reference: LK-7F3K-92QD\nWhat was found: …",
		Evidence: evidence(), ConsoleURL: console, At: start,
		Support: []recovery.Guidance{{Situation: "linked-email-mismatch", Title: "Linked to another", Steps: []string{"Unlink", "Add"}}},
	}
	for _, f := range change {
		f(&t)
	}
	return recovery.Message{DeliveryID: t.ID, Kind: recovery.KindTicket, Subject: "A customer can't sign in · LK-7F3K-92QD", Ticket: &t}
}

func boundTo(ticket string) func(*recovery.Ticket) {
	return func(t *recovery.Ticket) { t.Bound = ticket }
}

func note(ticket string, proven ...string) recovery.Message {
	return recovery.Message{DeliveryID: "0e", Note: &recovery.Note{
		ID: "0e", Reference: "LK-7F3K-92QD", Ticket: ticket, Requesters: proven,
		Outcome: recovery.EndingSignedIn, Text: "The customer signed in.", At: start,
	}}
}

// refusedFor is the reason of a permanent refusal, "" for any other error or none.
func refusedFor(err error) recovery.Reason {
	var refused *recovery.SendError
	if errors.As(err, &refused) && refused.Permanent {
		return refused.Reason
	}
	return ""
}

// only is a fault for the n-th request of a method and a path's end, counted from 1, and none else.
func only(method, end string, n int, f desktest.Fault) func(desktest.Request) *desktest.Fault {
	return func(r desktest.Request) *desktest.Fault {
		if r.Method != method || !hasEnd(r.Path, end) {
			return nil
		}
		if n--; n == 0 {
			return &f
		}
		return nil
	}
}

func hasEnd(path, end string) bool {
	return len(path) >= len(end) && path[len(path)-len(end):] == end
}
