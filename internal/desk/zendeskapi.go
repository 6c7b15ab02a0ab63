package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/recovery"
)

// zdTicket is a ticket, as far as it is looked at.
type zdTicket struct {
	ID          int64     `json:"id"`
	Status      string    `json:"status"`
	ExternalID  string    `json:"external_id"`
	RequesterID int64     `json:"requester_id"`
	Tags        []string  `json:"tags"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   string    `json:"updated_at"` // to the letter: it is handed back as the stamp

	requester string // the requester's address
}

func (t zdTicket) number() string { return strconv.FormatInt(t.ID, 10) }

type zdUser struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

type zdComment struct {
	Body   string `json:"body"`
	Public bool   `json:"public"`
}

// commentOf has no placeholders: Zendesk would fill in those of an agent's comment, whoever wrote them.
func commentOf(text string, public bool) zdComment {
	return zdComment{Body: strings.NewReplacer("{{", "{ {", "{%", "{ %").Replace(text), Public: public}
}

type zdField struct {
	ID    int64  `json:"id"`
	Value string `json:"value"`
}

type zdRequester struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// zdNew is a ticket to be made.
type zdNew struct {
	Subject    string      `json:"subject"`
	Comment    zdComment   `json:"comment"`
	Requester  zdRequester `json:"requester"`
	ExternalID string      `json:"external_id"`
	Tags       []string    `json:"tags"`
	Priority   string      `json:"priority,omitempty"`
	Fields     []zdField   `json:"custom_fields,omitempty"`
	FollowUpOf int64       `json:"via_followup_source_id,omitempty"`
}

// zdUpdate adds a comment to a ticket, provided that nobody changed it meanwhile.
type zdUpdate struct {
	Comment  zdComment         `json:"comment"`
	Status   string            `json:"status,omitempty"`
	Metadata map[string]string `json:"metadata"`
	Safe     bool              `json:"safe_update"`
	Stamp    string            `json:"updated_stamp"`
}

// markKey is under what an update's audit names the delivery that it is of: nobody can edit that.
const markKey = "latchkey_delivery"

func body(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil { // plain data: cannot happen
		return nil
	}
	return text
}

// listed is a list of tickets with the users that they name.
type listed struct {
	Ticket  zdTicket   `json:"ticket"`
	Tickets []zdTicket `json:"tickets"`
	Results []zdTicket `json:"results"`
	Users   []zdUser   `json:"users"`
	Next    string     `json:"next_page"`
}

func (l listed) with(t zdTicket) (zdTicket, error) {
	for _, u := range l.Users {
		if u.ID == t.RequesterID {
			t.requester = u.Email
			return t, nil
		}
	}
	return t, temporary(errors.New("zendesk: an answer without the ticket's requester"))
}

// errNotUnderstood is an answer of another shape: of this request alone, so that others go on.
var errNotUnderstood = temporary(errors.New("zendesk: an answer that is not understood"))

func understood(a answer, out any) error {
	if a.into(out) != nil {
		return errNotUnderstood
	}
	return nil
}

// get reads a list; ok is false where there is none, or none that the token may see.
func (z *Zendesk) get(ctx context.Context, path string) (l listed, ok bool, err error) {
	a, err := z.api.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return l, false, err
	}
	switch a.status {
	case http.StatusOK:
		return l, true, understood(a, &l)
	case http.StatusNotFound, http.StatusGone, http.StatusForbidden, http.StatusBadRequest, http.StatusUnprocessableEntity:
		return l, false, nil
	}
	return l, false, z.api.refusal(a)
}

// made is the ticket that was made of a delivery; nil for none. It asks the list, which is of the moment: the
// search's index lags behind by minutes.
func (z *Zendesk) made(ctx context.Context, deliveryID string) (*zdTicket, error) {
	want := externalID(deliveryID)
	l, ok, err := z.get(ctx, "/api/v2/tickets.json?include=users&external_id="+url.QueryEscape(want))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, everyone(0, errors.New("zendesk: has no list of tickets"))
	}
	for _, t := range l.Tickets {
		if t.ExternalID == want {
			t, err := l.with(t)
			return &t, err
		}
	}
	return nil, nil
}

// show reads a ticket; nil where there is none, or none that the token may see.
func (z *Zendesk) show(ctx context.Context, number string) (*zdTicket, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 {
		return nil, nil
	}
	l, ok, err := z.get(ctx, "/api/v2/tickets/"+strconv.FormatInt(id, 10)+".json?include=users")
	if err != nil || !ok {
		return nil, err
	}
	t, err := l.with(l.Ticket)
	return &t, err
}

// introduce makes the requester known as verified, since the mailbox was proven. Who is known already stays
// as they are; where the token may not do it, the ticket makes them known all the same.
func (z *Zendesk) introduce(ctx context.Context, address string) error {
	a, err := z.api.call(ctx, http.MethodPost, "/api/v2/users.json", body(map[string]any{"user": map[string]any{
		"email": address, "name": address, "role": "end-user", "verified": true, "skip_verify_email": true,
	}}))
	if err != nil {
		return err
	}
	switch a.status {
	case http.StatusCreated, http.StatusOK, http.StatusUnprocessableEntity, http.StatusForbidden:
		return nil
	}
	return z.api.refusal(a)
}

// create makes a ticket. The key has Zendesk make one of two requests that cross.
func (z *Zendesk) create(ctx context.Context, n zdNew) (zdTicket, error) {
	a, err := z.api.call(ctx, http.MethodPost, "/api/v2/tickets.json", body(map[string]any{"ticket": n}), "Idempotency-Key", n.ExternalID)
	if err != nil {
		return zdTicket{}, err
	}
	if a.status != http.StatusCreated && a.status != http.StatusOK {
		return zdTicket{}, z.notMade(a)
	}
	var l listed
	if err := understood(a, &l); err != nil {
		return zdTicket{}, err
	}
	if l.Ticket.ID == 0 {
		return zdTicket{}, errNotUnderstood
	}
	l.Ticket.requester = n.Requester.Email
	return l.Ticket, nil
}

// notMade is the refusal of a ticket. One whose key was used for another text, as an older version wrote it,
// is found by the next look-up.
func (z *Zendesk) notMade(a answer) error {
	var said struct {
		Error string `json:"error"`
	}
	if a.status == http.StatusBadRequest && a.into(&said) == nil && said.Error == "IdempotentRequestError" {
		return temporary(errors.New("zendesk: the key was used before"))
	}
	return z.api.refusal(a)
}

// maxAudits bounds the pages of a ticket's history, of a hundred entries each.
const maxAudits = 50

// marked reports whether a ticket has the update of a delivery.
func (z *Zendesk) marked(ctx context.Context, t zdTicket, deliveryID string) (bool, error) {
	path := "/api/v2/tickets/" + t.number() + "/audits.json?page[size]=100"
	after := ""
	for range maxAudits {
		a, err := z.api.call(ctx, http.MethodGet, path+after, nil)
		if err != nil {
			return false, err
		}
		var page struct {
			Audits []struct {
				Metadata struct {
					Custom map[string]any `json:"custom"`
				} `json:"metadata"`
			} `json:"audits"`
			Meta struct {
				More   bool   `json:"has_more"`
				Cursor string `json:"after_cursor"`
			} `json:"meta"`
		}
		if a.status != http.StatusOK {
			return false, z.api.refusal(a)
		}
		if err := understood(a, &page); err != nil {
			return false, err
		}
		for _, audit := range page.Audits {
			if audit.Metadata.Custom[markKey] == deliveryID {
				return true, nil
			}
		}
		if !page.Meta.More || page.Meta.Cursor == "" {
			return false, nil
		}
		after = "&page[after]=" + url.QueryEscape(page.Meta.Cursor)
	}
	return false, permanent(recovery.ReasonRefused, errors.New("zendesk: the ticket's history has no end"))
}

// errStale is an update of a ticket that somebody changed meanwhile.
var errStale = errors.New("zendesk: the ticket was changed meanwhile")

// update adds a comment of a delivery.
func (z *Zendesk) update(ctx context.Context, t zdTicket, deliveryID string, u zdUpdate) error {
	u.Safe, u.Stamp, u.Metadata = true, t.UpdatedAt, map[string]string{markKey: deliveryID}
	a, err := z.api.call(ctx, http.MethodPut, "/api/v2/tickets/"+t.number()+".json", body(map[string]any{"ticket": u}))
	switch {
	case err != nil:
		return err
	case a.status == http.StatusOK:
		return nil
	case a.status == http.StatusConflict:
		return errStale
	}
	return z.api.refusal(a)
}
