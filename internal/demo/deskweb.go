package demo

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"latchkey/internal/customerportal"
)

// DeskTicket is a ticket as the demo desk shows it; its JSON is that of /desk.json.
type DeskTicket struct {
	ID         int64         `json:"id"`
	Subject    string        `json:"subject"`
	Status     string        `json:"status"`
	Priority   string        `json:"priority,omitempty"`
	Requester  string        `json:"requester"`
	ExternalID string        `json:"external_id,omitempty"`
	Tags       []string      `json:"tags"`
	FollowUpOf int64         `json:"follow_up_of,omitempty"`
	CreatedAt  time.Time     `json:"created_at"`
	UpdatedAt  time.Time     `json:"updated_at"`
	Comments   []DeskComment `json:"comments"`
}

// DeskComment is one comment of a ticket.
type DeskComment struct {
	Body   string    `json:"body"`
	Public bool      `json:"public"`
	Author string    `json:"author"` // the requester, or "" for Latchkey
	At     time.Time `json:"at"`
}

// Told says how much stands on the ticket.
func (t DeskTicket) Told() string {
	notes := 0
	for _, c := range t.Comments {
		if !c.Public {
			notes++
		}
	}
	if notes == 1 {
		return "1 internal note"
	}
	return strconv.Itoa(notes) + " internal notes"
}

// desk is the pages of a support desk's tickets.
type desk struct {
	tickets func() []DeskTicket
	pages   pages
}

// Desk serves /desk, /desk/{id} and /desk.json. Like the inbox it is for who sits at the machine.
func Desk(tickets func() []DeskTicket) (http.Handler, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	d := desk{tickets, pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /desk", d.page(d.showAll))
	mux.HandleFunc("GET /desk.json", d.page(d.showJSON))
	mux.HandleFunc("GET /desk/{id}", d.page(d.showOne))
	mux.HandleFunc("GET /desk/desk.css", serveFile("pages/desk/desk.css"))
	return mux, nil
}

func (d desk) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		closeInbox(w.Header())
		if err := h(w, r); err != nil {
			http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		}
	}
}

type ticketsPage struct{ Tickets []DeskTicket }

// newest are all tickets, the one that changed last first.
func (d desk) newest() []DeskTicket {
	all := d.tickets()
	slices.SortStableFunc(all, func(a, b DeskTicket) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.ID, a.ID))
	})
	return all
}

func (d desk) showAll(w http.ResponseWriter, _ *http.Request) error {
	return d.pages.render(w, http.StatusOK, "tickets", ticketsPage{d.newest()})
}

func (d desk) showOne(w http.ResponseWriter, r *http.Request) error {
	for _, t := range d.tickets() {
		if strconv.FormatInt(t.ID, 10) == r.PathValue("id") {
			return d.pages.render(w, http.StatusOK, "ticket", t)
		}
	}
	http.Error(w, "There is no such ticket.", http.StatusNotFound)
	return nil
}

func (d desk) showJSON(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", customerportal.MediaJSON)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	all := d.newest()
	if all == nil {
		all = []DeskTicket{}
	}
	return out.Encode(all)
}
