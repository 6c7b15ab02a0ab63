package attack

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/internal/mail/mailguntest"
)

var outage = flag.Duration("outage", 15*time.Second, "how long the mail service is away in BenchmarkPagesWhileMailIsAway")

// visit is a customer who starts.
type visit struct {
	address string
	asked   time.Time // when the answer came
	ok      bool
}

// load is customers who start at a steady pace, however long the pages take.
type load struct {
	d     *demo
	stop  context.CancelFunc
	ended sync.WaitGroup

	mu     sync.Mutex
	visits []visit
	took   []time.Duration // of each page
}

func (d *demo) steadily(every time.Duration, name string) *load {
	ctx, stop := context.WithCancel(context.Background())
	l := &load{d: d, stop: stop}
	l.ended.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				l.ended.Go(func() { l.visit(fmt.Sprintf("%s%d@example.com", name, n)) })
			}
		}
	})
	return l
}

// visit opens the start page, asks for the mail and looks at the page that waits.
func (l *load) visit(address string) {
	b := l.d.browser()
	b.client.Timeout = 30 * time.Second
	at, _ := url.Parse(l.d.base + "/")
	answer, body, err := l.timed(b, http.MethodGet, at, nil)
	if err != nil {
		return
	}
	p := readPage(at, answer, body)
	answer, _, err = l.timed(b, http.MethodPost, at, p.forms[0].with("email", address))
	v := visit{address: address, asked: time.Now(), ok: err == nil && answer.StatusCode == http.StatusSeeOther}
	l.mu.Lock()
	l.visits = append(l.visits, v)
	l.mu.Unlock()
	if v.ok {
		wait, _ := at.Parse("/check-email")
		_, _, _ = l.timed(b, http.MethodGet, wait, nil)
	}
}

func (l *load) timed(b *browser, method string, to *url.URL, fields url.Values) (*http.Response, string, error) {
	began := time.Now()
	answer, body, err := b.once(method, to, fields)
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, took)
	return answer, body, err
}

func (l *load) end() []visit {
	l.stop()
	l.ended.Wait()
	return l.visits
}

// p99 is the time within which 99 % of the pages came; call it after end.
func (l *load) p99() time.Duration {
	slices.Sort(l.took)
	return l.took[len(l.took)*99/100]
}

// onItsWay is how long a mail may be under way to the service when its code expires.
const onItsWay = 2 * time.Second

// checkOnce fails for a start that was answered and did not get exactly one mail. Those whose code expired
// before the service came back have none; came is zero where none expired.
func checkOnce(t testing.TB, p *provider, visits []visit, life time.Duration, came time.Time) (sent, dropped int) {
	t.Helper()
	mails := map[string][]mailguntest.Message{}
	for _, m := range p.Messages() {
		mails[m.To] = append(mails[m.To], m)
	}
	for _, v := range visits {
		if !v.ok {
			t.Errorf("%s was not answered 303", v.address)
			continue
		}
		got := mails[v.address]
		mayExpire := !came.IsZero() && v.asked.Add(life).Before(came.Add(30*time.Second))
		switch {
		case len(got) > 1:
			t.Errorf("%s got %d mails", v.address, len(got))
		case len(got) == 0 && !mayExpire:
			t.Errorf("%s got no mail", v.address)
		case len(got) == 0:
			dropped++
		case got[0].At.After(v.asked.Add(life + onItsWay)):
			t.Errorf("%s got a mail %s after its code expired", v.address, got[0].At.Sub(v.asked.Add(life)))
		default:
			sent++
		}
	}
	return sent, dropped
}

// The mail service goes away under a steady load, in each way in which services do, and comes back.
func TestAnOutageLosesNoMailAndRepeatsNone(t *testing.T) {
	for name, fault := range map[string]mailguntest.Fault{
		"errors":            {Status: http.StatusServiceUnavailable},
		"no connection":     {Reset: true},
		"hanging":           {Delay: time.Hour},
		"too many requests": {Status: http.StatusTooManyRequests, RetryAfter: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, p := startMailed(t, mailguntest.Options{}, "--log-level", "error")
			customers := d.steadily(40*time.Millisecond, "outage")
			time.Sleep(500 * time.Millisecond)
			p.Fail(&fault)
			time.Sleep(3 * time.Second)
			p.Fail(nil)
			time.Sleep(500 * time.Millisecond)
			visits := customers.end()
			d.settled()
			sent, _ := checkOnce(t, p, visits, 15*time.Minute, time.Time{})
			if sent < 50 {
				t.Errorf("only %d mails were sent: this test sees too little", sent)
			}
		})
	}
}

// Codes that live for seconds expire while the service is away: their mails are dropped, and the page says
// that they failed.
func TestAfterAnOutageNoExpiredMailIsSent(t *testing.T) {
	t.Parallel()
	const life = 4 * time.Second
	d, p := startMailed(t, mailguntest.Options{}, "--log-level", "error", "--prove-ttl", life.String(), "--same-code-left", "1s")
	p.Fail(&mailguntest.Fault{Status: http.StatusServiceUnavailable})
	first := d.browser()
	first.start("first@example.com")
	customers := d.steadily(40*time.Millisecond, "expiring")
	time.Sleep(7 * time.Second)
	p.Fail(nil)
	came := time.Now()
	time.Sleep(time.Second)
	visits := customers.end()
	d.settled()
	sent, dropped := checkOnce(t, p, visits, life, came)
	t.Logf("%d sent, %d dropped", sent, dropped)
	if dropped == 0 || sent == 0 {
		t.Errorf("%d sent, %d dropped: this test sees nothing", sent, dropped)
	}
	if got := first.delivery(); got != "failed" || len(p.to("first@example.com")) != 0 {
		t.Errorf("a mail whose code expired is %s, and was sent %d times", got, len(p.to("first@example.com")))
	}
}

// While the service asks for quiet nothing is sent to it, whoever asks for a mail.
func TestNoRequestBeforeRetryAfterIsOver(t *testing.T) {
	t.Parallel()
	const quiet = 3 * time.Second
	d, p := startMailed(t, mailguntest.Options{}, "--log-level", "error")
	p.Fail(&mailguntest.Fault{Status: http.StatusTooManyRequests, RetryAfter: quiet, Times: 1})
	d.browser().start("first@example.com")
	d.until("refused", func() bool { return len(p.requests()) > 0 })
	for i := range 30 {
		d.browser().start(fmt.Sprintf("patient%d@example.com", i))
	}
	d.settled()
	requests := p.requests()
	slices.SortFunc(requests, func(a, b mailguntest.Request) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	over := requests[0].At.Add(quiet)
	for _, r := range requests[1:] {
		if r.At.Before(over) {
			t.Errorf("a request %s before Retry-After was over", over.Sub(r.At))
		}
	}
	if len(requests) != 32 || len(p.Messages()) != 31 {
		t.Errorf("%d requests and %d mails, want 32 and 31", len(requests), len(p.Messages()))
	}
}

// One recipient among a thousand makes the service fail, each time, or never answer. The others have their
// mail while it is tried again.
func TestOnePoisonedRecipientAmongAThousand(t *testing.T) {
	for name, fault := range map[string]mailguntest.Fault{
		"the service fails":   {Status: http.StatusInternalServerError},
		"the connection dies": {Reset: true},
		"no answer ever":      {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, p := startMailed(t, mailguntest.Options{}, "--log-level", "error")
			p.FailFor("poison@example.com", &fault)
			poisoned := d.browser()
			poisoned.start("poison@example.com")
			var starts sync.WaitGroup
			for w := range 8 {
				starts.Go(func() {
					for i := w; i < 999; i += 8 {
						d.browser().start(fmt.Sprintf("healthy%d@example.com", i))
					}
				})
			}
			starts.Wait()
			d.until("the 999 have their mail", func() bool { return len(p.Messages()) == 999 })
			if got := poisoned.delivery(); got != "queued" {
				t.Errorf("the poisoned mail is %s, want it queued still", got)
			}
		})
	}
}

// BenchmarkPagesWhileMailIsAway reports how fast 99 % of the pages come while the mail service answers, and
// while it does not; the ratio is to stay below 1.2. A second program, whose mail service answers all the
// time, tells what else the machine was doing meanwhile.
func BenchmarkPagesWhileMailIsAway(b *testing.B) {
	for range b.N {
		d, p := startMailed(b, mailguntest.Options{}, "--log-level", "error")
		control, _ := startMailed(b, mailguntest.Options{}, "--log-level", "error")
		both := func(name string, length time.Duration) (here, there *load) {
			here, there = d.steadily(45*time.Millisecond, name), control.steadily(45*time.Millisecond, name)
			time.Sleep(length)
			here.end()
			there.end()
			return here, there
		}
		both("warm", 2*time.Second)
		before, calmBefore := both("before", *outage)
		p.Fail(&mailguntest.Fault{Status: http.StatusServiceUnavailable})
		during, calmDuring := both("during", *outage)
		p.Fail(nil)
		after, _ := both("after", *outage)
		d.settled()
		checkOnce(b, p, slices.Concat(before.visits, during.visits, after.visits), 15*time.Minute, time.Time{})
		for name, l := range map[string]*load{"before": before, "during": during, "after": after, "control-before": calmBefore, "control-during": calmDuring} {
			b.ReportMetric(float64(l.p99().Microseconds())/1000, "p99-ms-"+name)
		}
		b.ReportMetric(float64(during.p99())/float64(before.p99()), "ratio")
		b.ReportMetric(float64(calmDuring.p99())/float64(calmBefore.p99()), "control-ratio")
	}
}
