package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mailgun/mailgun-go/v4"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// ErrSuppressions is returned when the suppression lists could not be read.
var ErrSuppressions = errors.New("suppressions: no usable answer")

// Suppressions reads the lists of one domain: the customer portal's, not Latchkey's own. It is safe for
// concurrent use.
type Suppressions struct{ client *mailgun.MailgunImpl }

// SuppressionsOfAll reads the lists of several domains: a portal may send from more than one.
type SuppressionsOfAll []*Suppressions

var _, _ recovery.Suppressions = (*Suppressions)(nil), SuppressionsOfAll(nil)

// Of returns the lists of any domain that hold address; an error if one of them could not be read.
func (all SuppressionsOfAll) Of(ctx context.Context, address string) ([]account.Suppression, error) {
	var found []account.Suppression
	for _, s := range all {
		listed, err := s.Of(ctx, address)
		if err != nil {
			return nil, err
		}
		found = append(found, listed...)
	}
	return found, nil
}

// NewSuppressions checks the configuration; it does not call Mailgun.
func NewSuppressions(d LogDomain) (*Suppressions, error) {
	client, err := newMailgunClient(d.Domain, d.APIKey, d.Base)
	if err != nil {
		return nil, err
	}
	return &Suppressions{client: client}, nil
}

// Of returns the lists that hold address, which is an account's stored bytes. Its errors wrap
// ErrSuppressions and hold no address.
func (s *Suppressions) Of(ctx context.Context, address string) ([]account.Suppression, error) {
	if address == "" {
		return nil, fmt.Errorf("%w: no address to look for", ErrSuppressions)
	}
	// mailgun-go puts it into the path as it is: `?@x.com` would name the whole list.
	escaped := url.PathEscape(address)
	var found []account.Suppression
	for _, look := range []func(context.Context, string) (account.Suppression, error){s.bounce, s.complaint, s.unsubscribe} {
		e, err := look(ctx, escaped)
		listed, err := onList(err)
		if err != nil {
			return nil, err
		}
		if listed {
			found = append(found, e)
		}
	}
	return found, nil
}

func (s *Suppressions) bounce(ctx context.Context, escaped string) (account.Suppression, error) {
	b, err := s.client.GetBounce(ctx, escaped)
	return account.Suppression{List: account.ListBounces, Code: smtpCode(b.Code), Since: time.Time(b.CreatedAt)}, err
}

func (s *Suppressions) complaint(ctx context.Context, escaped string) (account.Suppression, error) {
	c, err := s.client.GetComplaint(ctx, escaped)
	return account.Suppression{List: account.ListComplaints, Since: time.Time(c.CreatedAt)}, err
}

func (s *Suppressions) unsubscribe(ctx context.Context, escaped string) (account.Suppression, error) {
	u, err := s.client.GetUnsubscribe(ctx, escaped)
	return account.Suppression{List: account.ListUnsubscribes, Since: time.Time(u.CreatedAt)}, err
}

// notListed reports whether a 404 is Mailgun's "not on this list". Its other one is of a mistyped domain, one of the
// other region, or a key of somebody else's; a page is of a proxy, or of another site. To take these for "not listed"
// would be a check that was never made.
func notListed(body []byte) bool {
	var said struct{ Message string }
	return json.Unmarshal(body, &said) == nil && said.Message != "" &&
		!strings.Contains(strings.ToLower(said.Message), "domain not found")
}

// onList reads a look-up's error.
func onList(err error) (bool, error) {
	var refused *mailgun.UnexpectedResponseError
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, &refused):
		return false, fmt.Errorf("%w: %s", ErrSuppressions, lost(err))
	case refused.Actual == http.StatusNotFound && notListed(refused.Data):
		return false, nil
	}
	return false, fmt.Errorf("%w: status %d", ErrSuppressions, refused.Actual)
}

// smtpCode keeps three digits and nothing else: the rest of the field is the other server's text.
func smtpCode(s string) string {
	if len(s) < 3 || s[0] < '2' || s[0] > '9' || s[1] < '0' || s[1] > '9' || s[2] < '0' || s[2] > '9' {
		return ""
	}
	return s[:3]
}
