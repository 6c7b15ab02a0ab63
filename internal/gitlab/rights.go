package gitlab

import (
	"context"
	"time"
)

// rightsFor is how long an administrator's token is taken for one before that is looked at again.
const rightsFor = 5 * time.Minute

// sureOfNone says that there is nobody, once it is known that the token would have been shown them: for
// everybody but administrators the search does not find private emails, and some users answer 404.
func (c *Client) sureOfNone(ctx context.Context) (found, *Error) {
	if c.now().UnixNano()-c.admin.Load() < int64(rightsFor) {
		return found{none: true}, nil
	}
	return found{none: true}, c.checkRights(ctx)
}

func (c *Client) checkRights(ctx context.Context) *Error {
	var me struct {
		Admin member[bool] `json:"is_admin"`
	}
	if _, failure := c.get(ctx, "/user", nil, &me); failure != nil {
		return failure
	}
	if !me.Admin.or(false) {
		return nonsense(0, errRights)
	}
	c.shown()
	return nil
}

// shown notes that GitLab showed what only administrators see.
func (c *Client) shown() { c.admin.Store(c.now().UnixNano()) }
