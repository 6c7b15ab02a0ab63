package gitlab

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

const (
	pageSize = 100 // the most that GitLab gives
	maxPages = 3
)

// BySubject implements recovery.Identities.
func (c *Client) BySubject(ctx context.Context, subject string) (account.Identity, error) {
	id, err := strconv.ParseInt(subject, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != subject {
		return account.Identity{}, &Error{Op: OpBySubject, Outcome: OutcomeNonsense, Cause: errSubject}
	}
	return c.remembered(ctx, OpBySubject, "subject "+subject, func(ctx context.Context) (found, *Error) {
		var u user
		_, failure := c.get(ctx, "/users/"+subject, nil, &u)
		switch {
		case failure != nil && failure.Status == http.StatusNotFound && failure.Cause == nil: // and no page of a proxy
			return c.sureOfNone(ctx)
		case failure != nil:
			return found{}, failure
		case !u.rights():
			return found{}, nonsense(0, errRights)
		case u.ID != id:
			return found{}, nonsense(0, errOther)
		}
		c.shown()
		identity, failure := u.identity()
		return found{identity: identity}, failure
	})
}

// ByEmail implements recovery.Identities. GitLab's search also finds users by name, by username and by
// their secondary emails; only an email that matches by Latchkey's own rule counts (R6), and only once it
// was confirmed.
func (c *Client) ByEmail(ctx context.Context, address account.Address) (account.Identity, error) {
	return c.remembered(ctx, OpByEmail, "email "+address.Canonical(), func(ctx context.Context) (found, *Error) {
		matching, failure := c.matching(ctx, address)
		switch {
		case failure != nil:
			return found{}, failure
		case len(matching) == 0:
			return c.sureOfNone(ctx)
		case len(matching) > 1:
			return found{}, nonsense(0, errTwice)
		}
		identity, failure := matching[0].identity()
		return found{identity: identity, none: !identity.EmailVerified}, failure
	})
}

// matching are the users with the email, confirmed or not. All pages are looked through: names are chosen
// by their owners, and a hundred users named after an address must not hide the one who has it.
func (c *Client) matching(ctx context.Context, address account.Address) ([]user, *Error) {
	var all []user
	for page := 1; page <= maxPages; page++ {
		var users []user
		header, failure := c.get(ctx, "/users", url.Values{
			"search": {address.Canonical()}, "per_page": {strconv.Itoa(pageSize)}, "page": {strconv.Itoa(page)},
		}, &users)
		if failure != nil {
			return nil, failure
		}
		if users == nil {
			return nil, nonsense(http.StatusOK, errShape)
		}
		for _, u := range users {
			if !u.rights() {
				return nil, nonsense(0, errRights)
			}
			c.shown()
			if u.at(address) {
				all = append(all, u)
			}
		}
		if header.Get("X-Next-Page") == "" && len(users) < pageSize {
			return all, nil
		}
	}
	return nil, nonsense(0, errTooMany)
}

// remembered answers from memory, or asks and remembers.
func (c *Client) remembered(ctx context.Context, op Op, key string, lookUp func(context.Context) (found, *Error)) (account.Identity, error) {
	f, ok := c.cache.get(key)
	if !ok {
		err := c.watched(ctx, op, func(ctx context.Context) (failure *Error) {
			f, failure = lookUp(ctx)
			return failure
		})
		if err != nil {
			return account.Identity{}, err
		}
		c.cache.put(key, f)
	}
	if f.none {
		return account.Identity{}, recovery.ErrNotFound
	}
	return f.identity, nil
}
