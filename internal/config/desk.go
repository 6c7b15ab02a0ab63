package config

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// What a custom field can have, and the priorities that there are: Zendesk's words and ours.
var (
	deskValues     = []string{"reference", "situation", "situations", "entry", "language", "browser", "console-url"}
	deskPriorities = []string{"urgent", "high", "normal", "low"}
)

// minWebhookSecret is the shortest secret, in characters, that hand-offs are signed with.
const minWebhookSecret = 16

// DeskField is a custom field of the desk and what of a hand-off it has.
type DeskField struct {
	ID   int64
	What string
}

// Fields are the custom fields, as they were checked.
func (d Desk) Fields() []DeskField {
	fields := make([]DeskField, len(d.ZendeskFields))
	for i, item := range d.ZendeskFields {
		id, what, _ := strings.Cut(item, "=")
		fields[i].What = what
		fields[i].ID, _ = strconv.ParseInt(id, 10, 64)
	}
	return fields
}

// Priorities are the priority of tickets, "" for none, and those of situations.
func (d Desk) Priorities() (usual string, bySituation map[string]string) {
	bySituation = map[string]string{}
	for _, item := range d.ZendeskPriority {
		if situation, priority, special := strings.Cut(item, "="); special {
			bySituation[situation] = priority
		} else {
			usual = item
		}
	}
	return usual, bySituation
}

// OwnDesk reports whether the command brings a desk of its own that speaks Zendesk's API: the demo does,
// unless it is told of another.
func (d Desk) OwnDesk(c Command) bool {
	return c == Demo && d.HandTo == "zendesk" && d.ZendeskURL == ""
}

func deskField(item string) (string, error) {
	id, what, _ := strings.Cut(item, "=")
	if n, err := strconv.ParseInt(id, 10, 64); err != nil || n < 1 || !slices.Contains(deskValues, what) {
		return item, errors.New("is no field such as 360001=reference; it can have " + strings.Join(deskValues, ", "))
	}
	return item, nil
}

// deskPriority does not know which situations there are: one that is not there never comes up.
func deskPriority(item string) (string, error) {
	situation, priority, special := strings.Cut(item, "=")
	if !special {
		priority, situation = item, "all"
	}
	if situation == "" || !slices.Contains(deskPriorities, priority) {
		return item, errors.New("is no priority such as normal or sign-in-disabled=high; there are " + strings.Join(deskPriorities, ", "))
	}
	return item, nil
}

// webhookURL may have a query, unlike the other URLs: some services tell by it who calls.
func webhookURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return text, errors.New("is no URL such as https://desk.example.com/latchkey")
	}
	u.RawQuery = ""
	_, err = webURL(u.String())
	return text, err
}

func (p *parsing) checkDesk(d Desk) {
	switch d.HandTo {
	case "zendesk":
		p.need(d.ZendeskURL, "zendesk-url", "your Zendesk, such as https://acme.zendesk.com")
		p.need(d.ZendeskToken, "zendesk-token-file", "the file of its token")
	case "webhook":
		p.need(d.WebhookURL, "webhook-url", "where hand-offs are posted to")
		p.need(d.WebhookSecret, "webhook-secret-file", "the file of what they are signed with")
		if n := len(d.WebhookSecret); n > 0 && n < minWebhookSecret {
			p.fault("%s: is shorter than %d characters", p.name("webhook-secret"), minWebhookSecret)
		}
	}
	if d.ZendeskURL != "" && d.HandTo != "zendesk" {
		p.fault("%s: want %s zendesk with it", p.name("zendesk-url"), "--desk")
	}
	if d.WebhookURL != "" && d.HandTo != "webhook" {
		p.fault("%s: want %s webhook with it", p.name("webhook-url"), "--desk")
	}
}
