package customerportal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

var errLink = errors.New("a link that is not an absolute http or https URL with an end")

// SignInLink asks for a one-time URL that signs in to the account. It is never retried: a second URL
// would lie about somewhere unused.
func (c *Client) SignInLink(ctx context.Context, accountID string) (string, error) {
	return c.link(ctx, OpSignInLink, accountID, "sign-in-links")
}

// ConfirmationLink asks for a one-time URL that confirms the account's address. It is never retried.
func (c *Client) ConfirmationLink(ctx context.Context, accountID string) (string, error) {
	return c.link(ctx, OpConfirmationLink, accountID, "confirmation-links")
}

// SendConfirmation has the vendor mail its own confirmation. It is never retried.
func (c *Client) SendConfirmation(ctx context.Context, accountID string) error {
	if !validID(accountID) {
		return nonsense(OpSendConfirmation, 0, errID)
	}
	return c.call(ctx, request{
		op: OpSendConfirmation, method: http.MethodPost, path: accountPath(accountID, "confirmations"),
		status: []int{http.StatusAccepted},
	})
}

func (c *Client) link(ctx context.Context, op Op, accountID, action string) (string, error) {
	if !validID(accountID) {
		return "", nonsense(op, 0, errID)
	}
	var answer Link
	err := c.call(ctx, request{
		op: op, method: http.MethodPost, path: accountPath(accountID, action),
		status: []int{http.StatusOK, http.StatusCreated}, into: &answer, check: func() error { return answer.usable() },
	})
	if err != nil {
		return "", err
	}
	return answer.URL, nil
}

func (l Link) usable() error {
	u, err := url.Parse(l.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || l.ExpiresAt.IsZero() {
		return errLink
	}
	return nil
}

func accountPath(id, action string) string {
	return "/v1/accounts/" + url.PathEscape(id) + "/" + action
}
