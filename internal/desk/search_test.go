package desk_test

import (
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/desk/desktest"
)

func address(t *testing.T, text string) account.Address {
	t.Helper()
	a, err := account.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheFirstTicketThatLatchkeyDidNotMake(t *testing.T) {
	h := newHouse(t)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	add := func(minutes int, ticket desktest.Ticket) {
		h.now = at(minutes)
		h.desk.Add(ticket)
	}
	add(-10, desktest.Ticket{Requester: customer})
	add(1, desktest.Ticket{Requester: stranger})
	add(1, desktest.Ticket{Requester: "mary-" + customer})
	add(2, desktest.Ticket{Requester: customer, ExternalID: "latchkey:0d"})
	add(3, desktest.Ticket{Requester: customer, Tags: []string{"vip", "latchkey"}})
	for i := range 250 {
		add(4+i/100, desktest.Ticket{Requester: customer, Tags: []string{"latchkey"}})
	}
	add(30, desktest.Ticket{Requester: customer, Tags: []string{"vip"}})
	add(40, desktest.Ticket{Requester: customer})
	for _, tt := range []struct{ from, until, want int }{
		{0, 60, 30}, {31, 60, 40}, {0, 29, 0}, {41, 60, 0}, {-20, 60, -10}, {30, 30, 30},
	} {
		got, err := h.FirstTicket(t.Context(), address(t, customer), at(tt.from), at(tt.until))
		want := at(tt.want)
		if tt.want == 0 {
			want = time.Time{}
		}
		if err != nil || !got.Equal(want) {
			t.Errorf("from %d until %d: %v, %v; want %v", tt.from, tt.until, got, err, want)
		}
	}
}

func TestASearchThatSaysNothingIsAnError(t *testing.T) {
	for name, fault := range map[string]desktest.Fault{
		"500": {Status: 500}, "429": {Status: 429}, "422": {Status: 422}, "hang": {Hang: true}, "reset": {Reset: true},
	} {
		h := newHouse(t)
		h.desk.Fail(only("GET", "/search.json", 1, fault))
		if at, err := h.FirstTicket(t.Context(), address(t, customer), start, start.Add(time.Hour)); err == nil {
			t.Errorf("%s: %v and no error", name, at)
		}
	}
}

// An address may hold what the search's language reads as its own. It is never asked for, and no fault of the desk: those
// are few in one run.
func TestNoAddressSpeaksTheSearchsLanguage(t *testing.T) {
	h := newHouse(t)
	for _, text := range []string{`"a b"@example.com`, `*@example.com`, `"x\" requester:y"@example.com`} {
		a, err := account.ParseAddress(text)
		if err != nil {
			continue // refused before it comes here
		}
		if at, err := h.FirstTicket(t.Context(), a, start, start.Add(time.Hour)); err != nil || !at.IsZero() {
			t.Errorf("%s: %v, %v, want no ticket and no error", text, at, err)
		}
	}
	if n := len(h.desk.Wire()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
