package desktest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options make a Zendesk.
type Options struct {
	// User and Token are those of the API token; with no User the token is an OAuth one.
	User, Token string
	Now         func() time.Time // default time.Now
	// Tickets are there from the start.
	Tickets []Ticket
	// Changed is told of each ticket that is made or gets a comment, before the answer to that goes out.
	Changed func(Ticket)
	// Indexed: the search finds tickets that are this old. Default: at once.
	Indexed time.Duration
}

// Ticket is a ticket and all that was written on it.
type Ticket struct {
	ID         int64            `json:"id"`
	Subject    string           `json:"subject"`
	Status     string           `json:"status"`
	Priority   string           `json:"priority,omitempty"`
	ExternalID string           `json:"external_id,omitempty"`
	Requester  string           `json:"requester"` // an address
	Tags       []string         `json:"tags"`
	Fields     map[int64]string `json:"fields,omitempty"`
	FollowUpOf int64            `json:"follow_up_of,omitempty"`
	CreatedAt  time.Time        `json:"created_at"`
	UpdatedAt  time.Time        `json:"updated_at"`
	Comments   []Comment        `json:"comments"`
}

// Comment is one comment of a ticket, and the update that it came with.
type Comment struct {
	Body   string            `json:"body"`
	Public bool              `json:"public"`
	Author string            `json:"author"` // the requester's address, or "" for the agent of the token
	At     time.Time         `json:"at"`
	Custom map[string]string `json:"custom,omitempty"` // metadata of the update
}

// Zendesk is an http.Handler for everything below /api/v2, safe for concurrent use.
type Zendesk struct {
	opts Options
	mux  *http.ServeMux

	busy    sync.WaitGroup // requests under way
	mu      sync.Mutex
	fail    func(Request) *Fault
	wire    []Request
	tickets []*Ticket // by ID
	users   map[string]int64
	keys    map[string]keyed
}

// keyed is what an idempotency key was used for.
type keyed struct {
	body   []byte
	ticket int64
}

// NewZendesk returns a desk.
func NewZendesk(o Options) *Zendesk {
	if o.Now == nil {
		o.Now = time.Now
	}
	z := &Zendesk{opts: o, mux: http.NewServeMux(), users: map[string]int64{}, keys: map[string]keyed{}}
	for _, t := range o.Tickets {
		z.tickets = append(z.tickets, &t)
		z.userID(t.Requester)
	}
	z.mux.HandleFunc("POST /api/v2/users.json", z.createUser)
	z.mux.HandleFunc("POST /api/v2/tickets.json", z.createTicket)
	z.mux.HandleFunc("GET /api/v2/tickets.json", z.listTickets)
	z.mux.HandleFunc("GET /api/v2/tickets/{file}", z.showTicket)
	z.mux.HandleFunc("PUT /api/v2/tickets/{file}", z.updateTicket)
	z.mux.HandleFunc("GET /api/v2/tickets/{id}/audits.json", z.listAudits)
	z.mux.HandleFunc("GET /api/v2/search.json", z.search)
	z.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "InvalidEndpoint") })
	return z
}

// Fail is asked of each request how it goes wrong; it returns nil for not at all, and calls nothing of the desk.
func (z *Zendesk) Fail(f func(Request) *Fault) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.fail = f
}

// Settle waits for requests under way, those too whose client has gone.
func (z *Zendesk) Settle() { z.busy.Wait() }

// Wire returns every request so far.
func (z *Zendesk) Wire() []Request {
	z.mu.Lock()
	defer z.mu.Unlock()
	return slices.Clone(z.wire)
}

// Tickets returns all tickets, oldest first.
func (z *Zendesk) Tickets() []Ticket {
	z.mu.Lock()
	defer z.mu.Unlock()
	all := make([]Ticket, len(z.tickets))
	for i, t := range z.tickets {
		all[i] = t.clone()
	}
	return all
}

// Add makes a ticket as somebody else would, and returns its ID.
func (z *Zendesk) Add(t Ticket) int64 {
	z.mu.Lock()
	defer z.mu.Unlock()
	t.CreatedAt, t.Status = z.opts.Now(), cmp.Or(t.Status, "open")
	return z.keep(&t).ID
}

// Change changes a ticket as an agent would.
func (z *Zendesk) Change(id int64, change func(*Ticket)) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if t := z.find(id); t != nil {
		change(t)
		z.touch(t)
	}
}

// ForgetKeys forgets every idempotency key, as Zendesk does after two hours.
func (z *Zendesk) ForgetKeys() {
	z.mu.Lock()
	defer z.mu.Unlock()
	clear(z.keys)
}

func (t *Ticket) clone() Ticket {
	c := *t
	c.Tags, c.Comments = slices.Clone(t.Tags), slices.Clone(t.Comments)
	return c
}

// keep adds a ticket under the next number.
func (z *Zendesk) keep(t *Ticket) *Ticket {
	t.ID = 1
	if n := len(z.tickets); n > 0 {
		t.ID = z.tickets[n-1].ID + 1
	}
	z.tickets = append(z.tickets, t)
	z.userID(t.Requester)
	z.touch(t)
	return t
}

// touch moves a ticket's time of change on. It has whole seconds, as at Zendesk, and is never the same twice.
func (z *Zendesk) touch(t *Ticket) {
	now := z.opts.Now().UTC().Truncate(time.Second)
	if !now.After(t.UpdatedAt) {
		now = t.UpdatedAt.Add(time.Second)
	}
	t.UpdatedAt = now
	if z.opts.Changed != nil {
		z.opts.Changed(t.clone())
	}
}

func (z *Zendesk) find(id int64) *Ticket {
	for _, t := range z.tickets {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// userID is a user's id; who is not known yet gets one.
func (z *Zendesk) userID(address string) int64 {
	id, ok := z.users[address]
	if !ok {
		id = int64(9000 + len(z.users))
		z.users[address] = id
	}
	return id
}

// ServeHTTP implements http.Handler.
func (z *Zendesk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.busy.Add(1)
	defer z.busy.Done()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	request := Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: text}
	z.mu.Lock()
	var fault *Fault
	if z.fail != nil {
		fault = z.fail(request)
	}
	request.Faulty = fault != nil
	z.wire = append(z.wire, request)
	z.mu.Unlock()
	act := func(w http.ResponseWriter) {
		z.mu.Lock()
		defer z.mu.Unlock()
		if !z.knows(r) {
			refuse(w, http.StatusUnauthorized, "Couldn't authenticate you")
			return
		}
		z.mux.ServeHTTP(w, r)
	}
	if !faulty(w, r, fault, act) {
		act(w)
	}
}

func (z *Zendesk) knows(r *http.Request) bool {
	want := "Bearer " + z.opts.Token
	if z.opts.User != "" {
		want = "Basic " + base64.StdEncoding.EncodeToString([]byte(z.opts.User+"/token:"+z.opts.Token))
	}
	return z.opts.Token != "" && r.Header.Get("Authorization") == want
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"error": message})
}
