package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gin-gonic/gin"

	"latchkey/handlers"
	"latchkey/internal/limit"
)

// replica is the edge once more, as another process would have it: on the same database and with the same
// keys, and with nothing else in common.
func (h *house) replica(change ...func(*handlers.Config)) http.Handler {
	h.t.Helper()
	other := *h
	other.openService()
	config := h.config
	config.Service, config.Limits = other.service, limit.New(limit.Config{Now: h.clock.Now})
	for _, f := range change {
		f(&config)
	}
	built, err := handlers.New(config)
	must(h.t, err)
	return built
}

// inTurn has every request answered by another replica than the one before.
func (h *house) inTurn(replicas ...http.Handler) (answered []*atomic.Int32) {
	h.t.Helper()
	var n atomic.Int32
	for range replicas {
		answered = append(answered, &atomic.Int32{})
	}
	e := gin.New()
	e.NoRoute(func(c *gin.Context) {
		i := int(n.Add(1)) % len(replicas)
		answered[i].Add(1)
		replicas[i].ServeHTTP(c.Writer, c.Request)
		c.Abort()
	})
	h.edge.Store(e)
	return answered
}

// The journey with every step at another replica: no page, form, cookie, code or link is one process's.
func TestAJourneyCrossesReplicasAtEveryStep(t *testing.T) {
	h := newHouse(t)
	answered := h.inTurn(h.replica(), h.replica())

	b := h.prove("customerY@example.com")
	b.press("email-sign-in-link")
	b.get(linksOf(t, h.mail("customerY@example.com"))[0])
	b.at("/sign-in", http.StatusOK)
	b.submit(actionForm(t, b.page, "/sign-in"))
	if shop, err := url.Parse(h.shop.URL); err != nil || b.page.url.Host != shop.Host {
		t.Errorf("the sign-in link leads to %s, %v", b.page.url, err)
	}

	c := h.browser()
	c.start("customerZ@example.com")
	c.get(linksOf(t, h.mail("customerZ@example.com"))[0])
	c.submit(actionForm(t, c.page, "/prove"))
	c.at("/situation", http.StatusOK)
	c.get("/support")
	c.fill("message", "Please unlink it.")
	c.at("/support", http.StatusOK)
	if mails := h.mails("support@example.com"); len(mails) != 1 {
		t.Errorf("support has %d tickets, want 1", len(mails))
	}
	c.get("/")
	c.fill("email", "nobody@example.com")
	c.at("/check-email", http.StatusOK)
	for i, n := range answered {
		if n.Load() < 10 {
			t.Errorf("replica %d answered %d requests: this test sees nothing", i, n.Load())
		}
	}
}

// Two replicas are told the same code at once: one of them takes it.
func TestTwoReplicasTakeACodeOnce(t *testing.T) {
	h := newHouse(t)
	h.inTurn(h.replica(), h.replica())
	b := h.browser()
	b.start("healthy@example.com")
	mail := h.mail("healthy@example.com")
	other := h.browser()
	other.get(linksOf(t, mail)[0])
	byLink := make(chan page)
	go func() { byLink <- other.fill("email", "healthy@example.com") }()
	byCode := b.fill("code", codeOf(t, mail))
	proven := 0
	for _, p := range []page{byCode, <-byLink} {
		if strings.HasPrefix(p.url.Path, "/situation") {
			proven++
		}
	}
	if proven != 1 {
		t.Errorf("one challenge proved %d times, want once", proven)
	}
}
