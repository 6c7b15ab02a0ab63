package mail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mailgun/mailgun-go/v4"
	"github.com/mailgun/mailgun-go/v4/events"

	"latchkey/internal/account"
)

const (
	// logPages bounds a look-up: one address gets few mails from one domain in a week.
	logPages = 10
	// logsAPIRetry is how long the Logs API is left alone where it is not available.
	logsAPIRetry = time.Hour
)

// errNoLogsAPI: the plan or the key does not have it.
var errNoLogsAPI = errors.New("mail log: no Logs API here")

// domainLog reads the log of one domain: by the Logs API, and by the deprecated Events API where that is
// not to be had.
type domainLog struct {
	domain, key, base string
	client            *mailgun.MailgunImpl
	now               func() time.Time

	mu        sync.Mutex
	noLogsAPI time.Time // until then
}

func newDomainLogs(configs []LogDomain, now func() time.Time) ([]*domainLog, error) {
	var logs []*domainLog
	for _, c := range configs {
		client, err := newMailgunClient(c.Domain, c.APIKey, c.Base)
		if err != nil {
			return nil, err
		}
		logs = append(logs, &domainLog{
			domain: c.Domain, key: c.APIKey, base: strings.TrimSuffix(client.APIBase(), "/v3"), client: client, now: now,
		})
	}
	return logs, nil
}

// newest is the time of the newest mail to a since a moment that the rule fits; zero if none. What comes
// back is compared again here: the service's filters may be wider than asked.
func (d *domainLog) newest(ctx context.Context, a account.Address, since time.Time, rule resetRule) (time.Time, error) {
	var newest time.Time
	see := func(m sentMail) (done bool) {
		if a.Is(m.recipient) && m.domain == d.domain && !m.at.Before(since) && rule.fits(m) && m.at.After(newest) {
			newest = m.at
		}
		return !newest.IsZero() && m.at.Before(newest)
	}
	err := d.read(ctx, a, since, see)
	return newest, err
}

func (d *domainLog) read(ctx context.Context, a account.Address, since time.Time, see func(sentMail) bool) error {
	if d.hasLogsAPI() {
		err := d.readLogs(ctx, a, since, see)
		if !errors.Is(err, errNoLogsAPI) {
			return err
		}
		d.mu.Lock()
		d.noLogsAPI = d.now().Add(logsAPIRetry)
		d.mu.Unlock()
	}
	return d.readEvents(ctx, a, since, see)
}

func (d *domainLog) hasLogsAPI() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.now().Before(d.noLogsAPI)
}

// readEvents pages through the Events API. Only two types of event are asked for: one that mailgun-go
// does not know would fail the whole page.
func (d *domainLog) readEvents(ctx context.Context, a account.Address, since time.Time, see func(sentMail) bool) error {
	pages := d.client.ListEventsWithDomain(&mailgun.ListEventOptions{
		Begin: since, End: d.now(), Limit: 300,
		Filter: map[string]string{"event": "accepted OR delivered", "recipient": a.Canonical()},
	}, d.domain)
	var page []mailgun.Event
	for range logPages {
		if !pages.Next(ctx, &page) {
			break
		}
		for _, e := range page {
			switch e := e.(type) {
			case *events.Accepted:
				see(sentMail{d.domain, e.Recipient, e.Message.Headers.Subject, e.Tags, e.GetTimestamp()})
			case *events.Delivered:
				see(sentMail{d.domain, e.Recipient, e.Message.Headers.Subject, e.Tags, e.GetTimestamp()})
			}
		}
	}
	return logFailure(pages.Err())
}

// logFailure says what went wrong without the address, which mailgun-go's errors hold.
func logFailure(err error) error {
	var refused *mailgun.UnexpectedResponseError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return fmt.Errorf("%w: status %d", ErrMailLog, refused.Actual)
	}
	return fmt.Errorf("%w: %s", ErrMailLog, lost(err))
}

// logsRefusal tells an API that is not available from one that is away.
func logsRefusal(status int) error {
	if status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout {
		return errNoLogsAPI
	}
	return fmt.Errorf("%w: status %d", ErrMailLog, status)
}
