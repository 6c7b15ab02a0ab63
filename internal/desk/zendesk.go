package desk

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// ZendeskConfig is what a Zendesk needs.
type ZendeskConfig struct {
	// URL is what stands before /api/v2, such as https://acme.zendesk.com; https except on loopback.
	URL string
	// User is the email of the agent that an API token acts as. With "" the token is an OAuth one.
	User  string
	Token string
	// Fields say which custom field has what of a hand-off.
	Fields []Field
	// Priority is that of a ticket, "" for none; Priorities say otherwise for a situation.
	Priority   string
	Priorities map[string]string
	// Tags are put on every ticket, besides the one that says that Latchkey made it.
	Tags []string
	// Timeout bounds one request; 0 means 10 s.
	Timeout time.Duration
}

// Field is a custom field and what it has of a hand-off.
type Field struct {
	ID   int64
	What string // reference, situation, situations, entry, language, browser or console-url
}

// priorities are those that Zendesk has, the most urgent first.
var priorities = []string{"urgent", "high", "normal", "low"}

// ownTag is on every ticket that Latchkey made; of the situations found, each has one that begins with it.
const ownTag = "latchkey"

// Zendesk is a recovery.Desk and, by its search, recovery.Tickets. It is safe for concurrent use.
type Zendesk struct {
	cfg ZendeskConfig
	api *client
}

var (
	_ recovery.Desk    = (*Zendesk)(nil)
	_ recovery.Tickets = (*Zendesk)(nil)
)

// NewZendesk checks the configuration; it does not call Zendesk.
func NewZendesk(c ZendeskConfig) (*Zendesk, error) {
	if err := checkURL("zendesk", c.URL); err != nil {
		return nil, err
	}
	if !wire.Token(c.Token) {
		return nil, errors.New("zendesk: the token is empty or holds white space")
	}
	allow := "Bearer " + c.Token
	if c.User != "" {
		allow = "Basic " + base64.StdEncoding.EncodeToString([]byte(c.User+"/token:"+c.Token))
	}
	base := strings.TrimSuffix(strings.TrimRight(c.URL, "/"), "/api/v2")
	return &Zendesk{cfg: c, api: newClient("zendesk", base, c.Timeout, func(h http.Header) {
		h.Set("Authorization", allow)
	})}, nil
}

// externalPrefix begins the external id of every ticket that Latchkey made.
const externalPrefix = "latchkey:"

func externalID(deliveryID string) string { return externalPrefix + deliveryID }

// same reports whether a desk's address is a proven one.
func same(email, proven string) bool {
	a, err := account.ParseAddress(proven)
	return err == nil && a.Is(email)
}

// situationTag is a tag of letters, digits and underscores, which every Zendesk takes.
func situationTag(situation string) string {
	return ownTag + "_" + strings.ReplaceAll(situation, "-", "_")
}
