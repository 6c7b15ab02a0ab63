package demo_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
)

func TestTheDeskShowsItsTickets(t *testing.T) {
	at := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	tickets := []demo.DeskTicket{
		{
			ID: 1, Subject: "Old <b>one</b>", Status: "open", Requester: "customerX@example.com", UpdatedAt: at, Tags: []string{"vip"},
			Comments: []demo.DeskComment{{Body: "<script>alert(1)</script>", Public: true, Author: "customerX@example.com", At: at}},
		},
		{
			ID: 2, Subject: "A customer can't sign in · LK-7F3K-92QD", Status: "new", Requester: "customerZ@example.com", UpdatedAt: at.Add(time.Hour),
			FollowUpOf: 1, Comments: []demo.DeskComment{
				{Body: "Please help.", Public: true, Author: "customerZ@example.com", At: at},
				{Body: "Case: https://ops.example/console/cases/LK-7F3K-92QD.", At: at},
			},
		},
	}
	h, err := demo.Desk(func() []demo.DeskTicket { return tickets })
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string, want int) string {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", path, w.Code, want)
		}
		if w.Code == 200 && !strings.HasSuffix(path, ".css") && !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no policy", path)
		}
		return w.Body.String()
	}
	list := get("/desk", 200)
	if strings.Index(list, "#2") > strings.Index(list, "#1") || strings.Contains(list, "<b>") || !strings.Contains(list, "1 internal note") {
		t.Errorf("the list: %s", list)
	}
	one := get("/desk/2", 200)
	for _, want := range []string{
		"Please help.", "The customer wrote", "Internal note, seen by support alone", `href="https://ops.example/console/cases/LK-7F3K-92QD"`, `href="/desk/1"`,
	} {
		if !strings.Contains(one, want) {
			t.Errorf("the ticket lacks %q", want)
		}
	}
	if strings.Contains(get("/desk/1", 200), "<script>") {
		t.Error("what a customer wrote is markup")
	}
	get("/desk/3", 404)
	get("/desk/desk.css", 200)
	var all []demo.DeskTicket
	if err := json.Unmarshal([]byte(get("/desk.json", 200)), &all); err != nil || len(all) != 2 || all[0].ID != 2 || len(all[0].Comments) != 2 {
		t.Errorf("got %+v, %v", all, err)
	}
	tickets = nil
	if got := strings.TrimSpace(get("/desk.json", 200)); got != "[]" {
		t.Errorf("no tickets: %s", got)
	}
	if !strings.Contains(get("/desk", 200), "No tickets yet.") {
		t.Error("no tickets, and the page does not say so")
	}
}
