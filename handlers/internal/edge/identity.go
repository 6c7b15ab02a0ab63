package edge

import (
	"net/url"

	"latchkey/internal/recovery"
)

// IdentityAnswer reads what a browser brings back. Where a part of it cannot be read, or stands there twice, it is
// nothing: an answer without a state is to no request.
func IdentityAnswer(query string) recovery.IdentityAnswer {
	values, err := url.ParseQuery(query)
	if err != nil {
		return recovery.IdentityAnswer{}
	}
	for _, name := range []string{"state", "code", "error", "iss"} {
		if len(values[name]) > 1 {
			return recovery.IdentityAnswer{}
		}
	}
	return recovery.IdentityAnswer{
		State: values.Get("state"), Code: values.Get("code"), Error: values.Get("error"), Issuer: values.Get("iss"),
	}
}
