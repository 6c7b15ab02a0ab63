package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"latchkey/internal/customerportal"
)

const (
	// allowed is what Latchkey waits for a call; patience is a little more, to tell how slow it was.
	allowed  = customerportal.MaxTimeout
	patience = 3 * allowed
	// maxAnswer is the most that Latchkey reads.
	maxAnswer = 1 << 20
	// maxShown is how much of an answer is shown, in bytes.
	maxShown = 700
)

// Exchange is a request and its answer, as it may be shown.
type Exchange struct {
	Request string `json:"request"`          // method and path
	Token   string `json:"token"`            // "right", "wrong" or "none": never itself
	Status  int    `json:"status,omitempty"` // 0: no answer
	Media   string `json:"media,omitempty"`
	Answer  string `json:"answer,omitempty"` // its beginning, without secrets
	Millis  int64  `json:"ms"`
	Error   string `json:"error,omitempty"` // why there is no answer

	took   time.Duration
	body   []byte
	header http.Header
	schema string // of what was read as a success
}

// session asks one portal, and remembers every answer.
type session struct {
	cfg      Config
	base     string
	http     *http.Client
	document document
	now      func() time.Time
	past     []*Exchange
}

// Which token goes along.
const (
	rightToken = "right"
	wrongToken = "wrong"
	noToken    = "none"
)

func (s *session) get(ctx context.Context, path string, query url.Values) *Exchange {
	return s.ask(ctx, http.MethodGet, path, query.Encode(), rightToken)
}

func (s *session) post(ctx context.Context, path string) *Exchange {
	return s.ask(ctx, http.MethodPost, path, "", rightToken)
}

// accounts asks for accounts by one parameter.
func (s *session) accounts(ctx context.Context, parameter, value string) *Exchange {
	return s.get(ctx, "/v1/accounts", url.Values{parameter: {value}})
}

// ask makes one request of the API. It never fails: what came of it is in the exchange.
func (s *session) ask(ctx context.Context, method, path, query, token string) *Exchange {
	if query != "" {
		path += "?" + query
	}
	x := &Exchange{Request: method + " " + path, Token: token}
	s.past = append(s.past, x)
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, nil)
	if err != nil {
		x.Error = "a URL that cannot be asked for"
		return x
	}
	switch token {
	case rightToken:
		req.Header.Set("Authorization", "Bearer "+s.cfg.Token)
	case wrongToken:
		req.Header.Set("Authorization", "Bearer "+almost(s.cfg.Token))
	}
	req.Header.Set("Accept", customerportal.MediaJSON+", "+customerportal.MediaProblem)
	s.send(req, x)
	return x
}

func (s *session) send(req *http.Request, x *Exchange) {
	req.Header.Set("User-Agent", "Latchkey conformance")
	begin := time.Now()
	res, err := s.http.Do(req)
	if err == nil {
		defer res.Body.Close()
		x.Status, x.header = res.StatusCode, res.Header
		x.Media, _, _ = mime.ParseMediaType(res.Header.Get("Content-Type"))
		x.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	}
	x.took = time.Since(begin)
	x.Millis = x.took.Milliseconds()
	x.Answer = s.shown(string(x.body))
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		x.Error = s.shown(err.Error())
	}
}

// almost is a token of the same length that is not the right one.
func almost(token string) string {
	last := token[len(token)-1]
	if last == 'x' {
		return token[:len(token)-1] + "y"
	}
	return token[:len(token)-1] + "x"
}

var links = regexp.MustCompile(`(https?:(?:\\?/){2}[^/"\\\s?#]+)[^"\s]*`)

// shown is a text without the token and without what makes a link work, cut to what can be read.
func (s *session) shown(text string) string {
	text = strings.NewReplacer(s.cfg.Token, "****", almost(s.cfg.Token), "****").Replace(text)
	text = links.ReplaceAllString(text, "$1/****")
	if len(text) > maxShown {
		text = text[:maxShown] + "…"
	}
	return strings.ToValidUTF8(text, "?")
}

// nobody is a name that no account has.
func nobody() string { return "latchkey-" + strings.ToLower(rand.Text())[:16] }
