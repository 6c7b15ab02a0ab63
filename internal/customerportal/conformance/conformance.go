package conformance

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/wire"
)

// Config is what Run asks, and with what.
type Config struct {
	// BaseURL is what stands before /v1.
	BaseURL string
	Token   string
	Samples Samples
	// Origins are where one-time URLs may lead; empty for anywhere.
	Origins []string
	// Now is the clock that times are compared with; nil for time.Now.
	Now func() time.Time
}

// Samples are addresses of test accounts. Those that are empty leave checks undone. Links are made, and
// opened, for Account; Unconfirmed is mailed a confirmation.
type Samples struct {
	Account     string // confirmed, may sign in, at a company's domain, best linked to an identity
	Unconfirmed string // its address was never confirmed
	Disabled    string // its sign-in is disabled
	Similar     string // nobody's, but nearly one that is somebody's
	Contact     string // a Sold To or Bill To contact
	Invited     string // invited to a billing account
}

// State is how a check came out.
type State string

// How a check comes out.
const (
	Right     State = "right"
	Wrong     State = "wrong"
	Unchecked State = "not checked"
)

// Result is one check.
type Result struct {
	ID     string  `json:"check"`
	Rule   string  `json:"rule"` // what has to be so
	State  State   `json:"state"`
	Faults []Fault `json:"faults,omitempty"`
	// Want says what the check would need, where it is not checked.
	Want string `json:"want,omitempty"`
}

// Fault is one thing that is wrong.
type Fault struct {
	Text     string    `json:"fault"`
	Exchange *Exchange `json:"exchange,omitempty"` // shows it
}

// Report is all checks, in their order.
type Report struct {
	BaseURL string   `json:"url"`
	Results []Result `json:"checks"`
}

// Count is how many checks came out so.
func (r Report) Count(s State) (n int) {
	for _, one := range r.Results {
		if one.State == s {
			n++
		}
	}
	return n
}

// Run makes every check, one after the other. Its error says in words why none could be made.
func Run(ctx context.Context, cfg Config) (Report, error) {
	s, err := newSession(cfg)
	if err != nil {
		return Report{}, err
	}
	report := Report{BaseURL: s.base}
	if x := s.get(ctx, "/v1/healthz", nil); x.Error != "" {
		return report, errors.New("nothing answers at " + s.base + ": " + x.Error)
	}
	for _, c := range checks() {
		if ctx.Err() != nil {
			return report, ctx.Err()
		}
		report.Results = append(report.Results, s.make(ctx, c))
	}
	return report, nil
}

// check is one thing to find out.
type check struct {
	id, rule string
	run      func(context.Context, *session, *verdict)
}

// checks are all of them, in the order of the report. The last ones look back at every answer.
func checks() []check {
	var all []check
	for _, some := range [][]check{
		accessChecks(), questionChecks(), accountChecks(), identityChecks(), similarChecks(),
		linkChecks(), confirmationChecks(), billingChecks(), overallChecks(),
	} {
		all = append(all, some...)
	}
	return all
}

func (s *session) make(ctx context.Context, c check) Result {
	v := &verdict{}
	c.run(ctx, s, v)
	r := Result{ID: c.id, Rule: c.rule, State: Right, Faults: v.faults}
	switch {
	case len(v.faults) > 0:
		r.State = Wrong
	case v.want != "":
		r.State, r.Want = Unchecked, v.want
	}
	return r
}

// verdict collects what a check finds.
type verdict struct {
	faults []Fault
	want   string
}

// wrong notes a fault and what shows it.
func (v *verdict) wrong(x *Exchange, text string) {
	v.faults = append(v.faults, Fault{Text: text, Exchange: x})
}

// needs says what the check would need.
func (v *verdict) needs(what string) { v.want = what }

// newSession checks the configuration.
func newSession(cfg Config) (*session, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.User != nil {
		return nil, errors.New("the URL must be what stands before /v1, such as https://customers.example.com")
	}
	if !wire.Token(cfg.Token) {
		return nil, errors.New("the token is empty or holds white space")
	}
	for _, sample := range []string{
		cfg.Samples.Account, cfg.Samples.Unconfirmed, cfg.Samples.Disabled,
		cfg.Samples.Similar, cfg.Samples.Contact, cfg.Samples.Invited,
	} {
		if _, err := account.ParseAddress(sample); sample != "" && err != nil {
			return nil, errors.New(sample + " is no address such as somebody@example.com")
		}
	}
	document, err := readDocument()
	if err != nil {
		return nil, err
	}
	s := &session{
		cfg: cfg, base: strings.TrimRight(u.String(), "/"), document: document, now: cfg.Now,
		http: wire.Client(wire.Limits{Whole: patience, Answer: maxAnswer + 1, Idle: 2}),
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}
