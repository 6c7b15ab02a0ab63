package desk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"latchkey/internal/account"
)

// searchPages is how many pages of a hundred the search has.
const searchPages = 10

// FirstTicket implements recovery.Tickets by Zendesk's search, whose index lags behind by minutes: it is for
// what happened long enough ago. What the search takes for the address is compared once more. Of an address that holds
// what the search's language reads as its own no ticket is known, ever: were that an error, whoever proves a few
// mailboxes of such names would use up the questions that a desk may leave without an answer.
func (z *Zendesk) FirstTicket(ctx context.Context, a account.Address, from, until time.Time) (time.Time, error) {
	address := a.String()
	if strings.ContainsAny(address, "\"\\ \t*") {
		return time.Time{}, nil
	}
	query := url.Values{
		"query": {fmt.Sprintf(`type:ticket requester:"%s" created>=%s created<=%s`,
			address, from.UTC().Format(time.RFC3339), until.UTC().Add(time.Second).Format(time.RFC3339))},
		"sort_by": {"created_at"}, "sort_order": {"asc"}, "include": {"tickets(users)"}, "per_page": {"100"},
	}
	for page := 1; page <= searchPages; page++ {
		query.Set("page", fmt.Sprint(page))
		l, ok, err := z.get(ctx, "/api/v2/search.json?"+query.Encode())
		if err != nil {
			return time.Time{}, err
		}
		if !ok {
			return time.Time{}, errors.New("zendesk: has no search")
		}
		for _, t := range l.Results {
			if t, err := l.with(t); err == nil && theirs(t, address, from, until) {
				return t.CreatedAt, nil
			}
		}
		if l.Next == "" {
			return time.Time{}, nil
		}
	}
	return time.Time{}, errors.New("zendesk: more tickets of one address than can be looked at")
}

// theirs reports whether a ticket is of the address, within the time, and not Latchkey's own.
func theirs(t zdTicket, address string, from, until time.Time) bool {
	own := strings.HasPrefix(t.ExternalID, externalPrefix) || slices.Contains(t.Tags, ownTag)
	return !own && same(t.requester, address) && !t.CreatedAt.Before(from.Truncate(time.Second)) && !t.CreatedAt.After(until)
}
