package desk_test

import (
	"context"
	"errors"
	"testing"

	"latchkey/internal/desk"
	"latchkey/internal/recovery"
)

type mailer struct {
	sent []recovery.Message
	err  error
}

func (m *mailer) Send(_ context.Context, message recovery.Message) (string, error) {
	if m.err != nil {
		return "", m.err
	}
	m.sent = append(m.sent, message)
	return "queued as 1", nil
}

func TestTheNumberIsKeptBeforeTheDeliveryIsDone(t *testing.T) {
	h := newHouse(t)
	var kept []string
	var fault error
	s := desk.Sender{Desk: h, Filed: func(_ context.Context, ticket recovery.Ticket, number string) error {
		kept = append(kept, ticket.Reference+" "+number)
		return fault
	}}
	fault = errors.New("database is away")
	if _, err := s.Send(t.Context(), handOff()); err == nil || refusedFor(err) != "" {
		t.Fatalf("the number was lost: %v", err)
	}
	fault = nil
	if number, err := s.Send(t.Context(), handOff()); err != nil || number != "1" {
		t.Fatalf("number %q, %v", number, err)
	}
	if len(kept) != 2 || kept[1] != "LK-7F3K-92QD 1" {
		t.Errorf("kept %v", kept)
	}
	checkOne(t, h)
}

func TestASenderTakesWhatIsForADesk(t *testing.T) {
	s := desk.Sender{Desk: desk.Email{Mail: &mailer{}}}
	if _, err := s.Send(t.Context(), recovery.Message{DeliveryID: "0d"}); refusedFor(err) != recovery.ReasonRefused {
		t.Errorf("a mail went to the desk: %v", err)
	}
}
