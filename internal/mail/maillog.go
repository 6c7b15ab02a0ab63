package mail

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"latchkey/internal/account"
)

// ErrMailLog is returned when a mail log gave no usable answer; the finding that rests on it is left out.
var ErrMailLog = errors.New("mail log: no usable answer")

// resetSubjects are subjects of password resets, GitLab's among them.
var resetSubjects = []string{`(?i)\breset\b.*\bpassword\b`, `(?i)\bpassword\b.*\breset\b`}

// LogDomain is a sending domain whose log may be read, with a key that may read it.
type LogDomain struct {
	Domain string
	APIKey string
	Base   string // as MailgunConfig.Base
}

// LogConfig says which mails count as password resets, and whose they are.
type LogConfig struct {
	Identity []LogDomain // of the identity provider
	Portal   []LogDomain // of the customer portal
	// Subjects are regular expressions; none are those of resetSubjects. Tags are those that a
	// vendor puts on its resets. A mail is a reset if any of either fits.
	Subjects []string
	Tags     []string
	Now      func() time.Time
	// Cache is how long an answer is good. Default 1 min.
	Cache time.Duration
	// Timeout bounds a look-up over all domains. Default 4 s.
	Timeout time.Duration
}

// Log is a recovery.MailLog over Mailgun. It is safe for concurrent use.
type Log struct {
	identity, portal []*domainLog
	resets           resetRule
	now              func() time.Time
	timeout          time.Duration
	cache            *answers
}

// NewLog checks the configuration; it does not call Mailgun.
func NewLog(c LogConfig) (*Log, error) {
	rule, err := newResetRule(c.Subjects, c.Tags)
	if err != nil {
		return nil, err
	}
	l := &Log{resets: rule, now: c.Now, timeout: c.Timeout}
	if l.now == nil {
		l.now = time.Now
	}
	if l.timeout <= 0 {
		l.timeout = 4 * time.Second
	}
	if c.Cache <= 0 {
		c.Cache = time.Minute
	}
	l.cache = newAnswers(c.Cache, l.now)
	l.identity, err = newDomainLogs(c.Identity, l.now)
	if err != nil {
		return nil, err
	}
	l.portal, err = newDomainLogs(c.Portal, l.now)
	return l, err
}

// PasswordResets implements recovery.MailLog. Its errors wrap ErrMailLog.
func (l *Log) PasswordResets(ctx context.Context, a account.Address, since time.Time) (account.Resets, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	var found account.Resets
	var identityErr, portalErr error
	var both sync.WaitGroup
	both.Go(func() { found.Identity, found.From, identityErr = l.newest(ctx, l.identity, a, since) })
	both.Go(func() { found.Portal, _, portalErr = l.newest(ctx, l.portal, a, since) })
	both.Wait()
	if err := errors.Join(identityErr, portalErr); err != nil {
		return account.Resets{}, err
	}
	return found, nil
}

// newest is the time of the newest reset that any of the domains sent, and which did.
func (l *Log) newest(
	ctx context.Context, domains []*domainLog, a account.Address, since time.Time,
) (newest time.Time, from string, err error) {
	for _, d := range domains {
		at, err := l.cache.get(d.domain+" "+a.Canonical(), since, func() (time.Time, error) {
			return d.newest(ctx, a, since, l.resets)
		})
		if err != nil {
			return time.Time{}, "", err
		}
		if at.After(newest) {
			newest, from = at, d.domain
		}
	}
	return newest, from, nil
}

// sentMail is what a log says of one mail.
type sentMail struct {
	domain, recipient, subject string
	tags                       []string
	at                         time.Time
}

type resetRule struct {
	subjects []*regexp.Regexp
	tags     map[string]bool
}

func newResetRule(subjects, tags []string) (resetRule, error) {
	rule := resetRule{tags: map[string]bool{}}
	if len(subjects) == 0 {
		subjects = resetSubjects
	}
	for _, s := range subjects {
		re, err := regexp.Compile(s)
		if err != nil {
			return rule, fmt.Errorf("mail log: a subject pattern is no regular expression: %w", err)
		}
		rule.subjects = append(rule.subjects, re)
	}
	for _, t := range tags {
		rule.tags[strings.ToLower(t)] = true
	}
	return rule, nil
}

func (r resetRule) fits(m sentMail) bool {
	for _, t := range m.tags {
		if r.tags[strings.ToLower(t)] {
			return true
		}
	}
	for _, re := range r.subjects {
		if re.MatchString(m.subject) {
			return true
		}
	}
	return false
}
