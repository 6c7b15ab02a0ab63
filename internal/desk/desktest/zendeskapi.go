package desktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shown is a ticket as the API shows it.
type shown struct {
	ID          int64     `json:"id"`
	Subject     string    `json:"subject"`
	Status      string    `json:"status"`
	ExternalID  string    `json:"external_id"`
	RequesterID int64     `json:"requester_id"`
	Tags        []string  `json:"tags"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

type user struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

func (z *Zendesk) show(t *Ticket) shown {
	return shown{
		ID: t.ID, Subject: t.Subject, Status: t.Status, ExternalID: t.ExternalID, RequesterID: z.userID(t.Requester),
		Tags: t.Tags, CreatedAt: t.CreatedAt.UTC().Truncate(time.Second), UpdatedAt: t.UpdatedAt,
	}
}

func (z *Zendesk) list(w http.ResponseWriter, name string, tickets []*Ticket, sideload bool) {
	all, users := []shown{}, []user{}
	for _, t := range tickets {
		all = append(all, z.show(t))
		users = append(users, user{z.userID(t.Requester), t.Requester})
	}
	out := map[string]any{name: all, "count": len(all), "next_page": nil}
	if sideload {
		out["users"] = users
	}
	answer(w, http.StatusOK, out)
}

func (z *Zendesk) createUser(w http.ResponseWriter, r *http.Request) {
	var in struct {
		User struct {
			Email, Name string
			Verified    bool
		}
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.User.Email == "" || in.User.Name == "" {
		refuse(w, http.StatusUnprocessableEntity, "RecordInvalid")
		return
	}
	if _, known := z.users[in.User.Email]; known {
		refuse(w, http.StatusUnprocessableEntity, "RecordInvalid") // DuplicateValue
		return
	}
	answer(w, http.StatusCreated, map[string]any{"user": user{z.userID(in.User.Email), in.User.Email}})
}

// incoming is a ticket to be made or changed.
type incoming struct {
	Subject  string
	Status   string
	Priority string
	Comment  *struct {
		Body   string
		Public *bool
	}
	Requester  struct{ Name, Email string }
	ExternalID string `json:"external_id"`
	Tags       []string
	Fields     []struct {
		ID    int64
		Value string
	} `json:"custom_fields"`
	FollowUpOf int64 `json:"via_followup_source_id"`
	Metadata   map[string]string
	Safe       bool   `json:"safe_update"`
	Stamp      string `json:"updated_stamp"`
}

func read(w http.ResponseWriter, r *http.Request) (in incoming, text []byte, ok bool) {
	text, err := io.ReadAll(r.Body)
	var body struct{ Ticket incoming }
	if err != nil || json.Unmarshal(text, &body) != nil {
		refuse(w, http.StatusBadRequest, "Unprocessable")
		return in, text, false
	}
	if body.Ticket.Comment == nil || body.Ticket.Comment.Body == "" {
		refuse(w, http.StatusUnprocessableEntity, "RecordInvalid")
		return in, text, false
	}
	return body.Ticket, text, true
}

func (in incoming) comment(author string, at time.Time) Comment {
	public := in.Comment.Public == nil || *in.Comment.Public
	return Comment{Body: in.Comment.Body, Public: public, Author: author, At: at, Custom: in.Metadata}
}

func (z *Zendesk) createTicket(w http.ResponseWriter, r *http.Request) {
	in, text, ok := read(w, r)
	if !ok {
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if used, ok := z.keys[key]; ok && key != "" {
		w.Header().Set("X-Idempotency-Lookup", "hit")
		if !bytes.Equal(used.body, text) {
			refuse(w, http.StatusBadRequest, "IdempotentRequestError")
			return
		}
		answer(w, http.StatusCreated, map[string]any{"ticket": z.show(z.find(used.ticket))})
		return
	}
	if in.Requester.Email == "" || in.Requester.Name == "" || in.Subject == "" {
		refuse(w, http.StatusUnprocessableEntity, "RecordInvalid")
		return
	}
	if in.FollowUpOf != 0 {
		if source := z.find(in.FollowUpOf); source == nil || source.Status != "closed" {
			refuse(w, http.StatusUnprocessableEntity, "RecordInvalid")
			return
		}
	}
	author := ""
	if in.comment("", time.Time{}).Public {
		author = in.Requester.Email
	}
	now := z.opts.Now().UTC()
	t := &Ticket{
		Subject: in.Subject, Status: "new", Priority: in.Priority, ExternalID: in.ExternalID, Requester: in.Requester.Email,
		Tags: in.Tags, Fields: map[int64]string{}, FollowUpOf: in.FollowUpOf, CreatedAt: now,
		Comments: []Comment{in.comment(author, now)},
	}
	for _, f := range in.Fields {
		t.Fields[f.ID] = f.Value
	}
	z.keep(t)
	z.keys[key] = keyed{text, t.ID}
	w.Header().Set("X-Idempotency-Lookup", "miss")
	answer(w, http.StatusCreated, map[string]any{"ticket": z.show(t)})
}

func (z *Zendesk) listTickets(w http.ResponseWriter, r *http.Request) {
	want := r.URL.Query().Get("external_id")
	var found []*Ticket
	for _, t := range z.tickets {
		if want == "" || t.ExternalID == want {
			found = append(found, t)
		}
	}
	z.list(w, "tickets", found, r.URL.Query().Get("include") == "users")
}

// named is the ticket of a path; nil and an answer where there is none.
func (z *Zendesk) named(w http.ResponseWriter, name string) *Ticket {
	id, _ := strconv.ParseInt(strings.TrimSuffix(name, ".json"), 10, 64)
	t := z.find(id)
	if t == nil {
		refuse(w, http.StatusNotFound, "RecordNotFound")
	}
	return t
}

func (z *Zendesk) showTicket(w http.ResponseWriter, r *http.Request) {
	t := z.named(w, r.PathValue("file"))
	if t == nil {
		return
	}
	out := map[string]any{"ticket": z.show(t)}
	if r.URL.Query().Get("include") == "users" {
		out["users"] = []user{{z.userID(t.Requester), t.Requester}}
	}
	answer(w, http.StatusOK, out)
}

func (z *Zendesk) updateTicket(w http.ResponseWriter, r *http.Request) {
	t := z.named(w, r.PathValue("file"))
	if t == nil {
		return
	}
	in, _, ok := read(w, r)
	switch {
	case !ok:
		return
	case t.Status == "closed":
		refuse(w, http.StatusUnprocessableEntity, "RecordInvalid") // closed prevents ticket update
		return
	case in.Safe && in.Stamp != t.UpdatedAt.Format(time.RFC3339):
		refuse(w, http.StatusConflict, "UpdateConflict")
		return
	}
	t.Comments = append(t.Comments, in.comment("", z.opts.Now().UTC()))
	if in.Status != "" {
		t.Status = in.Status
	}
	z.touch(t)
	answer(w, http.StatusOK, map[string]any{"ticket": z.show(t)})
}

// listAudits pages by cursor, an entry for each comment.
func (z *Zendesk) listAudits(w http.ResponseWriter, r *http.Request) {
	t := z.named(w, r.PathValue("id"))
	if t == nil {
		return
	}
	size, err := strconv.Atoi(r.URL.Query().Get("page[size]"))
	if err != nil || size < 1 || size > 100 {
		refuse(w, http.StatusBadRequest, "InvalidPaginationParameter")
		return
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("page[after]"))
	from = min(max(from, 0), len(t.Comments))
	until := min(from+size, len(t.Comments))
	audits := []map[string]any{}
	for i, c := range t.Comments[from:until] {
		audits = append(audits, map[string]any{
			"id": t.ID*1000 + int64(from+i), "metadata": map[string]any{"system": map[string]any{}, "custom": c.Custom},
		})
	}
	answer(w, http.StatusOK, map[string]any{
		"audits": audits, "meta": map[string]any{"has_more": until < len(t.Comments), "after_cursor": strconv.Itoa(until)},
	})
}

var (
	byRequester = regexp.MustCompile(`requester:"([^"]*)"`)
	byTime      = regexp.MustCompile(`created([<>]=)(\S+)`)
)

// search finds by requester, and takes one that is alike for the same, and by time; as at Zendesk, what is new is not in its index yet.
func (z *Zendesk) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("query")
	requester := byRequester.FindStringSubmatch(query)
	if requester == nil || !strings.Contains(query, "type:ticket") {
		refuse(w, http.StatusUnprocessableEntity, "this fake knows no such search")
		return
	}
	var found []*Ticket
	for _, t := range z.tickets {
		indexed := !t.CreatedAt.Add(z.opts.Indexed).After(z.opts.Now())
		alike := strings.Contains(strings.ToLower(t.Requester), strings.ToLower(requester[1]))
		if indexed && alike && within(query, t.CreatedAt.Truncate(time.Second)) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *Ticket) int { return a.CreatedAt.Compare(b.CreatedAt) })
	z.page(w, r, found)
}

func within(query string, at time.Time) bool {
	for _, bound := range byTime.FindAllStringSubmatch(query, -1) {
		limit, err := time.Parse(time.RFC3339, bound[2])
		if err != nil || (bound[1] == ">=" && at.Before(limit)) || (bound[1] == "<=" && at.After(limit)) {
			return false
		}
	}
	return true
}

func (z *Zendesk) page(w http.ResponseWriter, r *http.Request, found []*Ticket) {
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, number = min(max(size, 1), 100), max(number, 1)
	from := min((number-1)*size, len(found))
	until := min(from+size, len(found))
	all, users := []shown{}, []user{}
	for _, t := range found[from:until] {
		all = append(all, z.show(t))
		users = append(users, user{z.userID(t.Requester), t.Requester})
	}
	out := map[string]any{"results": all, "users": users, "count": len(found), "next_page": nil}
	if until < len(found) {
		out["next_page"] = fmt.Sprintf("https://%s%s?page=%d", r.Host, r.URL.Path, number+1)
	}
	answer(w, http.StatusOK, out)
}
