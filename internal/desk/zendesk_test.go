package desk_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/internal/desk"
	"latchkey/internal/desk/desktest"
	"latchkey/internal/recovery"
)

func configured(c *desk.ZendeskConfig) {
	c.Fields = []desk.Field{{1, "reference"}, {2, "situation"}, {3, "situations"}, {4, "entry"}, {5, "language"}, {6, "browser"}, {7, "console-url"}}
	c.Priority, c.Priorities = "normal", map[string]string{"mail-suppressed": "high", "linked-email-mismatch": "low"}
	c.Tags = []string{"portal"}
}

func TestAHandOffBecomesATicketAsADeskShowsIt(t *testing.T) {
	h := newHouse(t, configured)
	number, err := h.File(t.Context(), handOff())
	if err != nil || number != "1" {
		t.Fatalf("number %q, %v", number, err)
	}
	all := h.desk.Tickets()
	if len(all) != 1 {
		t.Fatalf("%d tickets", len(all))
	}
	got := all[0]
	if got.Requester != customer || got.Subject != handOff().Subject || got.Priority != "high" || got.ExternalID != "latchkey:0d" {
		t.Errorf("got %+v", got)
	}
	if want := []string{"latchkey", "portal", "latchkey_linked_email_mismatch", "latchkey_mail_suppressed"}; !slices.Equal(got.Tags, want) {
		t.Errorf("tags %v, want %v", got.Tags, want)
	}
	for id, want := range map[int64]string{
		1: "LK-7F3K-92QD", 2: "linked-email-mismatch", 3: "linked-email-mismatch mail-suppressed", 4: "signed", 5: "de",
		6: "Firefox on Linux", 7: console,
	} {
		if got.Fields[id] != want {
			t.Errorf("field %d: %q, want %q", id, got.Fields[id], want)
		}
	}
	if len(got.Comments) != 2 {
		t.Fatalf("%d comments, want the message and the note", len(got.Comments))
	}
	message, evidence := got.Comments[0], got.Comments[1]
	if !message.Public || message.Author != customer || message.Body != handOff().Ticket.Message {
		t.Errorf("the description: %+v", message)
	}
	if evidence.Public || evidence.Author != "" || evidence.Body != handOff().Ticket.Note {
		t.Errorf("the note: %+v", evidence)
	}
}

func TestTheRequesterIsMadeKnownAsVerified(t *testing.T) {
	h := newHouse(t)
	if _, err := h.File(t.Context(), handOff()); err != nil {
		t.Fatal(err)
	}
	for _, r := range h.desk.Wire() {
		if r.Path == "/api/v2/users.json" {
			for _, want := range []string{`"verified":true`, `"skip_verify_email":true`, customer} {
				if !strings.Contains(string(r.Body), want) {
					t.Errorf("the user lacks %s: %s", want, r.Body)
				}
			}
			return
		}
	}
	t.Error("nobody was made known")
}

// A customer whom the desk knows, and a token that may not add users, are no hindrance.
func TestAKnownRequesterStaysAsTheyAre(t *testing.T) {
	for name, fault := range map[string]*desktest.Fault{"known": nil, "forbidden": {Status: 403}} {
		h := newHouse(t)
		h.desk.Add(desktest.Ticket{Requester: customer, Subject: "an old one"})
		if fault != nil {
			h.desk.Fail(only("POST", "users.json", 1, *fault))
		}
		if number, err := h.File(t.Context(), handOff()); err != nil || number != "2" {
			t.Errorf("%s: number %q, %v", name, number, err)
		}
	}
}

// "This wasn't me" has no words of the customer's: nothing of it is public.
func TestADisownedCaseIsANoteAlone(t *testing.T) {
	h := newHouse(t)
	m := handOff(func(t *recovery.Ticket) { t.Kind, t.Message, t.Bound = recovery.HandOffDisown, "", "77" })
	if _, err := h.File(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := h.desk.Tickets()[0]
	if len(got.Comments) != 1 || got.Comments[0].Public || got.Comments[0].Body != m.Ticket.Note || !slices.Contains(got.Tags, "latchkey_disowned") {
		t.Errorf("got %+v", got)
	}
}

// Somebody may be in who should not be: that waits behind nothing that is less urgent.
func TestADisownedCaseIsUrgent(t *testing.T) {
	for _, tt := range []struct{ usual, found, want string }{
		{"", "", "high"}, {"normal", "", "high"}, {"low", "low", "high"}, {"urgent", "", "urgent"}, {"normal", "urgent", "urgent"},
	} {
		h := newHouse(t, func(c *desk.ZendeskConfig) {
			c.Priority, c.Priorities = tt.usual, map[string]string{"mail-suppressed": tt.found}
		})
		m := handOff(func(t *recovery.Ticket) { t.Kind, t.Message, t.Bound = recovery.HandOffDisown, "", "" })
		if _, err := h.File(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if got := h.desk.Tickets()[0].Priority; got != tt.want {
			t.Errorf("%+v: priority %q", tt, got)
		}
	}
}

// Whatever goes wrong at whichever request, the next attempt makes of it one ticket with one note.
func TestEveryRequestMayGoWrong(t *testing.T) {
	faults := map[string]desktest.Fault{
		"429": {Status: 429, RetryAfter: "7"}, "500": {Status: 500}, "503": {Status: 503, RetryAfter: "3"},
		"no answer": {Hang: true}, "no answer, and done": {Hang: true, Acted: true},
		"reset": {Reset: true}, "reset, and done": {Reset: true, Acted: true}, "500, and done": {Status: 500, Acted: true},
		"409": {Status: 409}, "401": {Status: 401},
	}
	requests := [][2]string{
		{"GET", "/tickets.json"}, {"POST", "/users.json"}, {"POST", "/tickets.json"}, {"PUT", "/tickets/1.json"}, {"GET", "/audits.json"},
	}
	for name, fault := range faults {
		for _, at := range requests {
			t.Run(name+" at "+at[0]+" "+at[1], func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				h.desk.Fail(only(at[0], at[1], 1, fault))
				number, err := h.File(t.Context(), handOff())
				if refusedFor(err) != "" {
					t.Fatalf("the first attempt is final: %v", err)
				}
				if err != nil {
					if strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "http") {
						t.Errorf("the error tells too much: %v", err)
					}
					number, err = h.File(t.Context(), handOff())
				}
				if err != nil || number != "1" {
					t.Fatalf("the second attempt: %q, %v", number, err)
				}
				checkOne(t, h)
			})
		}
	}
}

// checkOne: one ticket, with the message and the note, once each.
func checkOne(t *testing.T, h *house) {
	t.Helper()
	all := h.desk.Tickets()
	if len(all) != 1 || len(all[0].Comments) != 2 || all[0].Comments[1].Body != handOff().Ticket.Note {
		t.Errorf("got %+v", all)
	}
}

// The desk was away for so long that it has forgotten the key of the ticket that it made.
func TestATicketIsLookedUpBeforeARetry(t *testing.T) {
	h := newHouse(t)
	h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Hang: true, Acted: true}))
	if _, err := h.File(t.Context(), handOff()); err == nil {
		t.Fatal("the fault was not met")
	}
	h.desk.ForgetKeys()
	if number, err := h.File(t.Context(), handOff()); err != nil || number != "1" {
		t.Fatalf("number %q, %v", number, err)
	}
	checkOne(t, h)
}

// An older version wrote the ticket in other words: its key is taken, and a later look-up finds it.
func TestAKeyThatWasUsedForOtherWordsIsNoRefusal(t *testing.T) {
	h := newHouse(t)
	if _, err := h.File(t.Context(), handOff()); err != nil {
		t.Fatal(err)
	}
	h.desk.Change(1, func(ticket *desktest.Ticket) { ticket.ExternalID = "" }) // the list does not show it yet
	_, err := h.File(t.Context(), handOff(func(t *recovery.Ticket) { t.Message = "Otherwise." }))
	if err == nil || refusedFor(err) != "" || len(h.desk.Tickets()) != 1 {
		t.Errorf("%v, %d tickets; want an error worth another attempt, and one ticket", err, len(h.desk.Tickets()))
	}
}

func TestADoneHandOffIsLeftAlone(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		if number, err := h.File(t.Context(), handOff()); err != nil || number != "1" {
			t.Fatalf("number %q, %v", number, err)
		}
	}
	checkOne(t, h)
}

// The first request is still under way at the desk when the second one comes.
func TestTwoRequestsThatCrossMakeOneTicket(t *testing.T) {
	h := newHouse(t)
	h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Delay: 600 * time.Millisecond}))
	if _, err := h.File(t.Context(), handOff()); err == nil {
		t.Fatal("the client waited")
	}
	if number, err := h.File(t.Context(), handOff()); err != nil || number != "1" {
		t.Fatalf("number %q, %v", number, err)
	}
	h.desk.Settle()
	checkOne(t, h)
}

func TestTwoNotesThatCrossAreOne(t *testing.T) {
	for name, add := range map[string]func(h *house) error{
		"an outcome": func(h *house) error { return h.Note(t.Context(), note("1", customer)) },
		"a hand-off": func(h *house) error {
			_, err := h.File(t.Context(), handOff(boundTo("1")))
			return err
		},
	} {
		h := newHouse(t)
		h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Help"})
		h.desk.Fail(only("PUT", "/tickets/1.json", 1, desktest.Fault{Delay: 600 * time.Millisecond}))
		if err := add(h); err == nil {
			t.Fatalf("%s: the client waited", name)
		}
		if err := add(h); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		h.desk.Settle()
		if all := h.desk.Tickets(); len(all) != 1 || len(all[0].Comments) != 1 {
			t.Errorf("%s: got %+v", name, all)
		}
	}
}

// Nobody may look at a failed look-up as if there were nothing.
func TestWithoutALookUpNothingIsMade(t *testing.T) {
	h := newHouse(t)
	h.desk.Fail(func(r desktest.Request) *desktest.Fault {
		if r.Method == "GET" {
			return &desktest.Fault{Status: 500}
		}
		return nil
	})
	if _, err := h.File(t.Context(), handOff()); err == nil || len(h.desk.Tickets()) != 0 {
		t.Errorf("%v, %d tickets", err, len(h.desk.Tickets()))
	}
}

func TestTheDesksPauseIsKept(t *testing.T) {
	for status, want := range map[int]time.Duration{429: 7 * time.Second, 503: 7 * time.Second} {
		h := newHouse(t)
		h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Status: status, RetryAfter: "7"}))
		_, err := h.File(t.Context(), handOff())
		var se *recovery.SendError
		if !errors.As(err, &se) || !se.ProviderWide || se.RetryAfter != want {
			t.Errorf("%d: %+v, want a pause for everybody of %v", status, se, want)
		}
	}
	h := newHouse(t)
	h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Status: 429}))
	var se *recovery.SendError
	if _, err := h.File(t.Context(), handOff()); !errors.As(err, &se) || se.RetryAfter == 0 {
		t.Errorf("a 429 without Retry-After: %+v, want a pause", se)
	}
}

// A desk that refuses all says so for a reason that people put right: what to look at is said with it.
func TestARefusalSaysWhatToLookAt(t *testing.T) {
	for status, want := range map[int]string{
		401: "status 401 (is the token", 403: "status 403 (is the token", 404: "status 404 (is the desk's URL right?)", 503: "status 503",
	} {
		h := newHouse(t)
		h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Status: status}))
		if _, err := h.File(t.Context(), handOff()); err == nil || !strings.Contains(err.Error(), want) || status == 503 && strings.Contains(err.Error(), "(") {
			t.Errorf("%d: %v, want %q", status, err, want)
		}
	}
}

// A desk that asks for ages, as a broken one may, is asked again in a day.
func TestNoDeskPutsAHandOffOffForEver(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"86401": 24 * time.Hour, "9223372036854775807": 24 * time.Hour, "Fri, 31 Dec 9999 23:59:59 GMT": 24 * time.Hour,
		"-1": 0, "Sun, 06 Nov 1994 08:49:37 GMT": 0, "soon": 0, "92233720368547758070": 0,
	} {
		h := newHouse(t)
		h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Status: 423, RetryAfter: header}))
		_, err := h.File(t.Context(), handOff())
		var se *recovery.SendError
		if !errors.As(err, &se) || se.ProviderWide || se.RetryAfter != want {
			t.Errorf("%s: %+v, want a pause for this hand-off of %v", header, se, want)
		}
	}
}

// An answer of another shape, whichever it is, holds up its own hand-off and none else's.
func TestAnAnswerThatIsNotUnderstoodIsOfOneHandOff(t *testing.T) {
	for _, request := range [][2]string{{"GET", "/tickets.json"}, {"POST", "/tickets.json"}, {"GET", "/audits.json"}} {
		h := newHouse(t)
		h.desk.Fail(only(request[0], request[1], 1, desktest.Fault{Status: 200}))
		_, err := h.File(t.Context(), handOff())
		var se *recovery.SendError
		if !errors.As(err, &se) || se.ProviderWide || se.Permanent || !strings.Contains(err.Error(), "not understood") {
			t.Errorf("%s %s: %v (%+v)", request[0], request[1], err, se)
		}
	}
}

func TestWhatTheDeskRefusesForGood(t *testing.T) {
	h := newHouse(t)
	h.desk.Fail(only("POST", "/tickets.json", 1, desktest.Fault{Status: 422}))
	if _, err := h.File(t.Context(), handOff()); refusedFor(err) != "zendesk-422" {
		t.Errorf("got %v", err)
	}
}

func TestABoundCaseAddsANote(t *testing.T) {
	for status, want := range map[string]string{"new": "new", "open": "open", "pending": "open", "hold": "open", "solved": "open"} {
		h := newHouse(t)
		id := h.desk.Add(desktest.Ticket{Requester: strings.ToUpper(customer[:1]) + customer[1:], Subject: "Help", Status: status})
		for range 2 {
			number, err := h.File(t.Context(), handOff(boundTo(strconv.FormatInt(id, 10))))
			if err != nil || number != "1" {
				t.Fatalf("%s: number %q, %v", status, number, err)
			}
		}
		all := h.desk.Tickets()
		if len(all) != 1 || len(all[0].Comments) != 1 || all[0].Status != want {
			t.Fatalf("%s: got %+v", status, all)
		}
		got := all[0].Comments[0]
		if got.Public || !strings.Contains(got.Body, "> I cannot get in.\n> Please help.") || !strings.HasSuffix(got.Body, handOff().Ticket.Note) {
			t.Errorf("the note: %+v", got)
		}
	}
}

// A ticket of another requester is never written to, whatever a signature says.
func TestTicketsOfOthersAreNeverTouched(t *testing.T) {
	for name, bound := range map[string]string{
		"another's": "1", "none": "99", "no number": "12a", "a path": "1/../2", "negative": "-1",
	} {
		h := newHouse(t)
		h.desk.Add(desktest.Ticket{Requester: stranger, Subject: "Theirs"})
		before := h.desk.Tickets()[0]
		number, err := h.File(t.Context(), handOff(boundTo(bound)))
		if err != nil || number != "2" {
			t.Fatalf("%s: number %q, %v; want a ticket of its own", name, number, err)
		}
		all := h.desk.Tickets()
		if len(all) != 2 || len(all[0].Comments) != 0 || !all[0].UpdatedAt.Equal(before.UpdatedAt) || all[1].FollowUpOf != 0 {
			t.Errorf("%s: got %+v", name, all)
		}
		if err := h.Note(t.Context(), note("1", customer)); refusedFor(err) != recovery.ReasonOtherRequester {
			t.Errorf("%s: a note: %v", name, err)
		}
		if got := h.desk.Tickets()[0]; len(got.Comments) != 0 {
			t.Errorf("%s: a note was written: %+v", name, got)
		}
		for _, r := range h.desk.Wire() {
			if r.Method == "PUT" && r.Path == "/api/v2/tickets/1.json" {
				t.Errorf("%s: the other's ticket was to be changed", name)
			}
		}
	}
}

func TestAClosedTicketIsFollowedUp(t *testing.T) {
	h := newHouse(t)
	h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Old", Status: "closed"})
	for range 2 {
		if number, err := h.File(t.Context(), handOff(boundTo("1"))); err != nil || number != "2" {
			t.Fatalf("number %q, %v", number, err)
		}
	}
	all := h.desk.Tickets()
	if len(all) != 2 || all[1].FollowUpOf != 1 || len(all[0].Comments) != 0 || len(all[1].Comments) != 2 {
		t.Errorf("got %+v", all)
	}
	if err := h.Note(t.Context(), note("1", customer)); refusedFor(err) != recovery.ReasonTicketClosed {
		t.Errorf("a note: %v", err)
	}
}

// The note was written and its answer lost; before the next attempt an agent closed the ticket.
func TestANoteThatWasWrittenCountsHoweverTheTicketChanged(t *testing.T) {
	for name, change := range map[string]func(*desktest.Ticket){
		"closed":      func(t *desktest.Ticket) { t.Status = "closed" },
		"of somebody": func(t *desktest.Ticket) { t.Requester = stranger },
	} {
		h := newHouse(t)
		h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Help"})
		h.desk.Fail(only("PUT", "/tickets/1.json", 1, desktest.Fault{Reset: true, Acted: true}))
		if _, err := h.File(t.Context(), handOff(boundTo("1"))); err == nil {
			t.Fatal("the fault was not met")
		}
		h.desk.Change(1, change)
		if number, err := h.File(t.Context(), handOff(boundTo("1"))); err != nil || number != "1" {
			t.Errorf("%s: number %q, %v", name, number, err)
		}
		if all := h.desk.Tickets(); len(all) != 1 || len(all[0].Comments) != 1 {
			t.Errorf("%s: got %+v", name, all)
		}
	}
}

// An agent writes at the same moment: their change stays, and so does the note.
func TestATicketChangedMeanwhileIsReadAnew(t *testing.T) {
	h := newHouse(t)
	h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Help"})
	changed := false
	h.desk.Fail(func(r desktest.Request) *desktest.Fault {
		if r.Method == "PUT" && !changed {
			changed = true
			return &desktest.Fault{Status: 409}
		}
		return nil
	})
	if err := h.Note(t.Context(), note("1", customer)); err != nil {
		t.Fatal(err)
	}
	if got := h.desk.Tickets()[0]; len(got.Comments) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAnOutcomeIsNotedOnce(t *testing.T) {
	h := newHouse(t)
	id := h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Help", Status: "pending"})
	for i := range 250 { // a long history: the mark is on no first page
		h.desk.Change(id, func(t *desktest.Ticket) {
			t.Comments = append(t.Comments, desktest.Comment{Body: strconv.Itoa(i)})
		})
	}
	h.desk.Fail(only("PUT", "/tickets/1.json", 1, desktest.Fault{Hang: true, Acted: true}))
	if err := h.Note(t.Context(), note("1", stranger, customer)); err == nil {
		t.Fatal("the fault was not met")
	}
	for range 2 {
		if err := h.Note(t.Context(), note("1", stranger, customer)); err != nil {
			t.Fatal(err)
		}
	}
	got := h.desk.Tickets()[0]
	if len(got.Comments) != 251 || got.Status != "pending" {
		t.Fatalf("%d comments, %s; want one more, and the status as it was", len(got.Comments), got.Status)
	}
	if last := got.Comments[250]; last.Public || last.Body != "The customer signed in." {
		t.Errorf("got %+v", last)
	}
}

// Agents see that somebody wrote in the name of the mailbox's owner, although they think the ticket done.
func TestADisownedTicketIsOpenedAgain(t *testing.T) {
	h := newHouse(t)
	h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Help", Status: "solved"})
	told := note("1", customer)
	told.Note.Outcome, told.Note.Text = recovery.EndingDisowned, "It wasn't them."
	for range 2 {
		if err := h.Note(t.Context(), told); err != nil {
			t.Fatal(err)
		}
	}
	got := h.desk.Tickets()[0]
	if got.Status != "open" || len(got.Comments) != 1 || got.Comments[0].Public || got.Comments[0].Body != "It wasn't them." {
		t.Errorf("got %+v", got)
	}
	told.Note.Ticket = "99"
	if err := h.Note(t.Context(), told); refusedFor(err) != recovery.ReasonNoTicket {
		t.Errorf("of a ticket that is not there: %v", err)
	}
}

// What a customer writes is not for Zendesk to fill in.
func TestPlaceholdersOfACustomerAreText(t *testing.T) {
	h := newHouse(t)
	h.desk.Add(desktest.Ticket{Requester: customer, Subject: "Help"})
	words := func(t *recovery.Ticket) { t.Message = "{{ticket.assignee.email}} {% raw %}" }
	for _, m := range []recovery.Message{handOff(words), handOff(words, boundTo("1"), func(t *recovery.Ticket) { t.ID = "0f" })} {
		if _, err := h.File(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	for _, ticket := range h.desk.Tickets() {
		for _, c := range ticket.Comments {
			if strings.Contains(c.Body, "{{") || strings.Contains(c.Body, "{%") {
				t.Errorf("ticket %d: %q", ticket.ID, c.Body)
			}
		}
	}
}

func TestTokensGoToTheDeskAlone(t *testing.T) {
	for name, c := range map[string]desk.ZendeskConfig{
		"no TLS": {URL: "http://acme.zendesk.com", Token: token}, "no URL": {Token: token},
		"a user in it": {URL: "https://a:b@acme.zendesk.com", Token: token}, "no token": {URL: "https://acme.zendesk.com"},
		"a line in the token": {URL: "https://acme.zendesk.com", Token: "a\nb"},
	} {
		if _, err := desk.NewZendesk(c); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := newHouse(t, func(c *desk.ZendeskConfig) { c.User = "" }) // a bearer token where the desk wants another
	if _, err := h.File(t.Context(), handOff()); err == nil || refusedFor(err) != "" {
		t.Errorf("a wrong token: %v, want an error that people can put right", err)
	}
	if got := h.desk.Wire()[0].Header.Get("Authorization"); got != "Bearer "+token {
		t.Errorf("authorization %q", got)
	}
}
