package edge

import (
	"net/url"

	"latchkey/internal/recovery"
)

// IdentityAnswer reads what a browser brings back; false where a part of it stands there twice.
func IdentityAnswer(query string) (recovery.IdentityAnswer, bool) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return recovery.IdentityAnswer{}, false
	}
	for _, name := range []string{"state", "code", "error", "iss"} {
		if len(values[name]) > 1 {
			return recovery.IdentityAnswer{}, false
		}
	}
	return recovery.IdentityAnswer{
		State: values.Get("state"), Code: values.Get("code"), Error: values.Get("error"), Issuer: values.Get("iss"),
	}, true
}
