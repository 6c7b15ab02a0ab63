package recovery

import (
	"net/url"
	"slices"
	"time"
)

// Policy holds every figure of the rules, all configurable. Scale multiplies the limits.
type Policy struct {
	// Codes and links (R5).
	CodeTries      int           // tries a code
	WrongCodesADay int           // wrong codes a day and address, across codes
	ProveFor       time.Duration // code and prove link
	SignInFor      time.Duration
	ConfirmFor     time.Duration
	DisownFor      time.Duration
	StopLinkFor    time.Duration
	StopFor        time.Duration // how long "stop mailing me" holds (R12)
	SameCodeMin    time.Duration // a resend repeats the code while this much of its life remains
	QueuedWait     time.Duration // a resend waits for a mail still queued, this long at most
	ClaimFor       time.Duration
	PortalTimeout  time.Duration // for all that one request asks of the portal

	// Proofs and sessions.
	ProofIdle   time.Duration
	ProofMax    time.Duration
	SessionIdle time.Duration

	// Mail budgets before proof (R10); an hour and a day.
	AddressHour, AddressDay       int
	AddressNetHour, AddressNetDay int // of which one network gets
	GlobalHour                    int
	GlobalNetHour                 int // of which one network gets
	SupportLinkDay                int // on top, to an address that a signed support link names
	// After proof.
	CaseMails       int
	CaseSteps       int // a day: those of a case that nothing else limits
	HandOffsAddress int // a day
	HandOffsClient  int // a day
	OthersAtMost    int // addresses one blind notice goes to

	// ConfirmHere: Latchkey mails its own confirmation; otherwise the vendor does (--confirmation-by).
	ConfirmHere bool
	// PortalOrigins are the only places a redirect leads to (R7), as scheme://host[:port].
	PortalOrigins []string
	// IdentityOrigins are where a browser may be sent to sign in to its identity (R7), in the same form.
	IdentityOrigins []string
	// IdentityFor is how long that may take.
	IdentityFor time.Duration
	// ResetWindow is how far back the mail log is asked for password resets, and so how old one may be to
	// count.
	ResetWindow time.Duration
	// Retention is how long rows stay.
	Retention Retention
	// CheckPace is the pause between two questions to the support desk in the 48-hour check.
	CheckPace time.Duration
}

// DefaultPolicy is DESIGN's R4, R5, R10 and R12.
func DefaultPolicy() Policy {
	return Policy{
		CodeTries: 5, WrongCodesADay: 15,
		ProveFor: 15 * time.Minute, SignInFor: time.Hour, ConfirmFor: 24 * time.Hour,
		DisownFor: 7 * 24 * time.Hour, StopLinkFor: 7 * 24 * time.Hour, StopFor: 30 * 24 * time.Hour,
		SameCodeMin: 5 * time.Minute, QueuedWait: time.Minute,
		ClaimFor: 15 * time.Second, PortalTimeout: 5 * time.Second,
		ProofIdle: 30 * time.Minute, ProofMax: 2 * time.Hour, SessionIdle: 24 * time.Hour,
		AddressHour: 5, AddressDay: 12, AddressNetHour: 3, AddressNetDay: 6,
		GlobalHour: 2000, GlobalNetHour: 100, SupportLinkDay: 3,
		CaseMails: 10, CaseSteps: 500, HandOffsAddress: 3, HandOffsClient: 10, OthersAtMost: 3,
		IdentityFor: 10 * time.Minute,
		ResetWindow: 7 * 24 * time.Hour,
		CheckPace:   200 * time.Millisecond,
		Retention: Retention{
			Cases: 30 * 24 * time.Hour, Sessions: 24 * time.Hour, Audit: 365 * 24 * time.Hour,
		},
	}
}

// Scale multiplies every limit by f, never below one. It is for load tests.
func (p Policy) Scale(f float64) Policy {
	for _, n := range []*int{
		&p.AddressHour, &p.AddressDay, &p.AddressNetHour, &p.AddressNetDay, &p.GlobalHour, &p.GlobalNetHour,
		&p.SupportLinkDay, &p.CaseMails, &p.CaseSteps, &p.HandOffsAddress, &p.HandOffsClient,
	} {
		*n = max(1, int(float64(*n)*f))
	}
	return p
}

// RedirectAllowed reports whether target is an http(s) URL at one of PortalOrigins (R7).
func (p Policy) RedirectAllowed(target string) bool { return leadsTo(p.PortalOrigins, target) }

// SignInAllowed reports whether target is an http(s) URL at one of IdentityOrigins (R7).
func (p Policy) SignInAllowed(target string) bool { return leadsTo(p.IdentityOrigins, target) }

func leadsTo(origins []string, target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return false
	}
	return slices.Contains(origins, u.Scheme+"://"+u.Host)
}
