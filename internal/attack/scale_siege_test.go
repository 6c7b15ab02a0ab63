package attack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// thinks is how long a customer looks at a page.
const thinks = 400 * time.Millisecond

// siege is customers who go through their journeys, again and again, whatever happens to the machines, and
// press once more where they got no page.
type siege struct {
	f       *fleet
	stop    context.CancelFunc
	ctx     context.Context
	workers sync.WaitGroup
	next    atomic.Int64
	asked   atomic.Int64

	mu       sync.Mutex
	accepted map[string]int // starts that were answered 303, by address
	faults   []faultSeen
	pages    map[string]map[string]bool // of faults: what came, by what was asked
	proven   int
	twice    []string // challenges that proved two browsers
	lost     []string // journeys that came to nothing
	again    int      // journeys whose last answer got lost, and with it the session's new id
}

// faultSeen is a request without a proper answer.
type faultSeen struct {
	at   time.Time
	what string
}

func (f *fleet) besiege(customers int) *siege {
	ctx, stop := context.WithCancel(context.Background())
	s := &siege{f: f, ctx: ctx, stop: stop, accepted: map[string]int{}, pages: map[string]map[string]bool{}}
	for i := range customers {
		s.workers.Go(func() {
			time.Sleep(time.Duration(i) * 10 * time.Millisecond)
			for ctx.Err() == nil {
				s.known()
				s.journey()
			}
		})
	}
	return s
}

// end lets the journeys that have begun come to their end.
func (s *siege) end() {
	s.stop()
	s.workers.Wait()
}

// once makes a request and notes what became of it. ok is false where no page came.
func (s *siege) once(b *browser, method, path string, fields url.Values) (answer *http.Response, body string, ok bool) {
	to, err := url.Parse(s.f.webURL + path)
	if err != nil {
		return nil, "", false
	}
	s.asked.Add(1)
	answer, body, err = b.once(method, to, fields)
	what := method + " " + route(path)
	switch {
	case err != nil:
		s.fault(what+": no answer", "", "")
		return nil, "", false
	case answer.StatusCode >= 500:
		s.fault(fmt.Sprintf("%s: %d", what, answer.StatusCode), what+" from "+origin(answer), shape(answer, body))
		return answer, body, false
	}
	b.page = readPage(to, answer, body)
	return answer, body, true
}

// route is a path without what is one customer's.
func route(path string) string {
	if strings.HasPrefix(path, "/l/") {
		return "/l/…"
	}
	return path
}

// origin is who wrote a page: each request that Latchkey sees has an id.
func origin(answer *http.Response) string {
	if answer.Header.Get("X-Request-Id") == "" {
		return "nginx"
	}
	return "Latchkey"
}

// shape is all of an answer that a stranger may compare. That a browser without a cookie gets one is no news.
func shape(answer *http.Response, body string) string {
	var lines []string
	for name, values := range answer.Header {
		if name != "Date" && name != "X-Request-Id" && name != "Connection" && name != "Set-Cookie" {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(lines)
	return fmt.Sprint(answer.StatusCode, "\n", strings.Join(lines, "\n"), "\n\n", body)
}

func (s *siege) fault(what, asked, came string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faultSeen{time.Now(), what})
	if asked == "" {
		return
	}
	if s.pages[asked] == nil {
		s.pages[asked] = map[string]bool{}
	}
	s.pages[asked][came] = true
}

// persist asks until a page comes, for two minutes.
func (s *siege) persist(b *browser, method, path string, fields url.Values) (*http.Response, string) {
	for range 240 {
		if answer, body, ok := s.once(b, method, path, fields); ok {
			return answer, body
		}
		time.Sleep(thinks)
	}
	return nil, ""
}

// begin asks for a code and reports whether that was answered as it should be.
func (s *siege) begin(b *browser, address string) bool {
	if answer, _ := s.persist(b, http.MethodGet, "/", nil); answer == nil || len(b.page.forms) == 0 {
		return false
	}
	time.Sleep(thinks)
	answer, _, ok := s.once(b, http.MethodPost, "/", b.page.forms[0].with("email", address))
	if !ok || answer.StatusCode != http.StatusSeeOther {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted[address]++
	return true
}

// known is a customer who has an account, asks for a code, and leaves.
func (s *siege) known() { s.begin(s.f.browser(), "healthy@example.com") }

// journey is a customer who goes all the way. The challenge is used in two browsers at once, by its code and
// by its link: one of them gets in.
func (s *siege) journey() {
	address := fmt.Sprintf("journey%d@example.com", s.next.Add(1))
	b := s.f.browser()
	if !s.begin(b, address) {
		return // another browser, another address: what became of this start is not known
	}
	m, ok := s.arrives(address)
	if !ok {
		s.note(&s.lost, address+" has no mail")
		return
	}
	other := s.f.browser()
	s.persist(other, http.MethodGet, "/l/"+m.links()[0][strings.LastIndexByte(m.links()[0], '/')+1:], nil)
	s.persist(other, http.MethodGet, "/prove", nil)
	s.persist(b, http.MethodGet, "/check-email", nil)
	answered := true
	for range 20 {
		n, all := s.race(b, other, address, m.code())
		if answered = answered && all; n > 0 {
			if n > 1 {
				s.note(&s.twice, address)
			}
			s.mu.Lock()
			s.proven++
			s.mu.Unlock()
			return
		}
		time.Sleep(thinks)
	}
	if !answered { // it was kept, and the browser does not know: it has to begin again
		s.mu.Lock()
		s.again++
		s.mu.Unlock()
		return
	}
	s.note(&s.lost, fmt.Sprintf("%s: neither code nor link: at %s (%d) and %s (%d)", address, b.page.url, b.page.status, other.page.url, other.page.status))
}

func (s *siege) note(list *[]string, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, what)
}

// arrives waits for the mail of a start that was accepted.
func (s *siege) arrives(address string) (sent, bool) {
	for range 600 {
		if all := s.f.mail.to(address); len(all) > 0 {
			return all[0], true
		}
		time.Sleep(thinks / 2)
	}
	return sent{}, false
}

// race uses the code in one browser and the link in another, and returns how many of them are in afterwards,
// and whether both were answered.
func (s *siege) race(b, other *browser, address, code string) (in int, answered bool) {
	var both sync.WaitGroup
	var unanswered atomic.Bool
	press := func(b *browser, path, field, value string) {
		for _, f := range b.page.forms {
			if _, has := f.fields[field]; has {
				if _, _, ok := s.once(b, http.MethodPost, path, f.with(field, value)); !ok {
					unanswered.Store(true)
				}
				return
			}
		}
	}
	both.Go(func() { press(b, "/check-email", "code", code) })
	both.Go(func() { press(other, "/prove", "email", address) })
	both.Wait()
	for browser, form := range map[*browser]string{b: "/check-email", other: "/prove"} {
		if answer, _ := s.persist(browser, http.MethodGet, "/situation", nil); answer != nil && answer.StatusCode == http.StatusOK {
			in++
		} else {
			s.persist(browser, http.MethodGet, form, nil)
		}
	}
	return in, !unanswered.Load()
}

// phase is something that happens to the machines, and until when requests may fail for it; never, where
// allowed is zero.
type phase struct {
	name     string
	from, to time.Time
	allowed  time.Duration
}

// report fails for every fault that no phase excuses, and tells how long each phase was felt.
func (s *siege) report(t *testing.T, w io.Writer, phases []phase) {
	t.Helper()
	unexcused := map[string]int{}
	felt := map[int][]time.Time{}
	for _, f := range s.faults {
		i := slices.IndexFunc(phases, func(p phase) bool {
			return p.allowed > 0 && f.at.After(p.from) && f.at.Before(p.to.Add(p.allowed))
		})
		if i < 0 {
			during := "outside of everything"
			for _, p := range phases {
				if f.at.After(p.from) && f.at.Before(p.to) {
					during = p.name
				}
			}
			unexcused[f.what+" during "+during]++
			continue
		}
		felt[i] = append(felt[i], f.at)
	}
	for what, n := range unexcused {
		t.Errorf("%d times %s", n, what)
	}
	for i, p := range phases {
		_, _ = fmt.Fprintf(w, "%s: %.1f s, %d requests without a page", p.name, p.to.Sub(p.from).Seconds(), len(felt[i]))
		if n := len(felt[i]); n > 0 {
			_, _ = fmt.Fprintf(w, ", the last %.1f s after its end", felt[i][n-1].Sub(p.to).Seconds())
		}
		_, _ = fmt.Fprintln(w)
	}
	for asked, came := range s.pages {
		if len(came) > 1 {
			t.Errorf("%s: %d different pages:\n%s", asked, len(came), strings.Join(slices.Collect(keysOf(came)), "\n=====\n"))
		}
	}
}

func keysOf(m map[string]bool) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
