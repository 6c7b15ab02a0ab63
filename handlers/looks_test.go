package handlers_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"latchkey/handlers"
	"latchkey/internal/limit"
)

// aLook lets each client see one page.
func aLook(c *handlers.Config) {
	c.Limits = limit.New(limit.Config{Now: c.Now, Rates: map[limit.Name]limit.Rate{
		limit.Looks: {Count: 1, Period: limit.DefaultRates()[limit.Looks].Period},
	}})
}

// Looking asks the customer portal, so a client may not look without end. Every page of the journey is
// counted; what is not, asks nothing of anybody or is counted elsewhere, and stands here with its reason.
func TestLooksAreLimitedByClient(t *testing.T) {
	uncounted := []string{
		"/",                        // the front door, which reads the rows of its own case and asks nobody
		"/check-email/state",       // a limit of its own: a page asks for it many times
		"/l/nothing", "/s/nothing", // counted as forms are
		"/help", "/help/ready",
	}
	h := newHouse(t, aLook)
	h.ask(http.MethodGet, "/situation", "")
	counted := 0
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, path := range h.routes(method) {
			if slices.Contains(uncounted, path) || path[:min(8, len(path))] == "/assets/" {
				continue
			}
			counted++
			w := h.ask(method, path, "")
			if w.Code != http.StatusTooManyRequests {
				t.Errorf("%s %s over the limit answers %d", method, path, w.Code)
			}
			if after, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || after < 1 || after > 600 {
				t.Errorf("%s %s: Retry-After is %q", method, path, w.Header().Get("Retry-After"))
			}
			if method == http.MethodGet {
				wholePage(t, path, w, http.StatusTooManyRequests)
			}
		}
	}
	if counted < 10 {
		t.Errorf("only %d routes are counted", counted)
	}
	for _, path := range uncounted {
		if w := h.ask(http.MethodGet, path, ""); w.Code == http.StatusTooManyRequests {
			t.Errorf("%s is counted as a look", path)
		}
	}
}

// The help is the same for everybody and made once, so it is there without end; what somebody looks for in it is made
// for them alone, and counts.
func TestSearchesOfTheHelpAreLooks(t *testing.T) {
	h := newHouse(t, aLook)
	if w := h.ask(http.MethodGet, "/help?q=taken", ""); w.Code != http.StatusOK {
		t.Fatalf("the first search answers %d", w.Code)
	}
	for _, path := range []string{"/help?q=taken", "/help?q=taken&x=1", "/help/ready?x=1", "/help?"} {
		want := http.StatusTooManyRequests
		if path == "/help?" {
			want = http.StatusOK
		}
		if w := h.ask(http.MethodGet, path, ""); w.Code != want {
			t.Errorf("%s over the limit answers %d, want %d", path, w.Code, want)
		}
	}
}

// Over the limit the customer portal is not asked.
func TestALookOverTheLimitAsksNobody(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) {
		c.Limits = limit.New(limit.Config{Now: c.Now, Rates: map[limit.Name]limit.Rate{
			limit.Looks: {Count: 3, Period: limit.DefaultRates()[limit.Looks].Period},
		}})
	})
	b := h.prove("customerX@example.com") // two looks: /check-email and /situation
	b.get("/support")
	h.shop.Close() // a portal that is asked now shows it: the page would say that it cannot be reached
	b.get("/situation")
	b.at("/situation", http.StatusTooManyRequests)
	b.get("/support")
	b.at("/support", http.StatusTooManyRequests)
}

// What a page's own script asks for has a limit of its own, high enough for an office that waits for its mails.
func TestLooksAtAMailsStateAreLimited(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) {
		rate := limit.DefaultRates()[limit.States]
		if rate.Count < 1000 {
			t.Errorf("the limit is %d", rate.Count)
		}
		rate.Count = 2
		c.Limits = limit.New(limit.Config{Now: c.Now, Rates: map[limit.Name]limit.Rate{limit.States: rate}})
	})
	b := h.browser()
	b.start("ann@example.com")
	for _, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		if p := b.get("/check-email/state"); p.status != want || p.header.Get("Set-Cookie") != "" {
			t.Errorf("status %d, want %d; cookie %q", p.status, want, p.header.Get("Set-Cookie"))
		}
	}
	b.get("/check-email")
	b.at("/check-email", http.StatusOK)
}
