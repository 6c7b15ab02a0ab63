package http3

import (
	"errors"
	"net/http"
)

// ListenAndServeQUIC serves nothing.
func ListenAndServeQUIC(_, _, _ string, _ http.Handler) error {
	return errors.New("http3: this program has no HTTP/3 server")
}
