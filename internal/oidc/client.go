package oidc

import (
	"io"
	"net/http"
	"time"
)

// maxAnswer bounds every answer, in bytes: the libraries read theirs to the end.
const maxAnswer = 1 << 20

// newClient follows no redirect: the client's secret and the code would go along.
func newClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Transport: bounded{http.DefaultTransport},
		Timeout:   timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// bounded cuts answers off.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}
