package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/customerportal"
	"latchkey/internal/ops"
)

// newPortal is the client of the customer portal. watch may be nil. Of the URL config has checked all there is to.
func newPortal(o config.Options, watch customerportal.Observer) (*customerportal.Client, error) {
	c, err := customerportal.New(customerportal.Config{
		BaseURL: o.PortalURL, Token: o.PortalToken, Timeout: o.PortalTimeout, Observer: watch,
	})
	return c, asFault("portal-token", err)
}

// portalFaultEvery is how often the log tells of the same fault of the customer portal.
const portalFaultEvery = time.Minute

// portalWatch tells metrics and the log how calls to the customer portal end. Where it fails, a customer reads that
// we could not look just now, at a status of 200: what is wrong is for the log alone to say.
type portalWatch struct {
	metrics *ops.Metrics
	log     *slog.Logger
	now     func() time.Time

	mu   sync.Mutex
	told map[string]time.Time // by call and kind of fault
	away map[customerportal.Op]bool
}

func newPortalWatch(m *ops.Metrics, log *slog.Logger, now func() time.Time) *portalWatch {
	return &portalWatch{
		metrics: m, log: log, now: now, told: map[string]time.Time{}, away: map[customerportal.Op]bool{},
	}
}

// PortalCalled implements customerportal.Observer.
func (w *portalWatch) PortalCalled(op customerportal.Op, failure *customerportal.Error, took time.Duration) {
	if failure == nil {
		w.metrics.PortalCalled(string(op), string(customerportal.OutcomeOK), took)
		w.answers(op)
		return
	}
	w.metrics.PortalCalled(string(op), string(failure.Outcome), took)
	if !errors.Is(failure, context.Canceled) { // who asked has left
		w.fails(op, failure)
	}
}

func (w *portalWatch) answers(op customerportal.Op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away[op] {
		delete(w.away, op)
		w.log.Info("the customer portal answers again", "call", op)
	}
}

func (w *portalWatch) fails(op customerportal.Op, failure *customerportal.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away[op] = true
	kind := fmt.Sprint(op, failure.Outcome, failure.Status)
	if last, ok := w.told[kind]; ok && w.now().Sub(last) < portalFaultEvery {
		return
	}
	w.told[kind] = w.now()
	w.log.Warn("the customer portal gives no usable answer: customers are told that we could not look",
		"call", op, "error", failure, "hint", portalHint(failure))
}

// portalHint is what to look at first.
func portalHint(failure *customerportal.Error) string {
	switch {
	case failure.Status == http.StatusUnauthorized, failure.Status == http.StatusForbidden:
		return "is --portal-token, or its file, the one that it knows?"
	case failure.Status == http.StatusNotFound:
		return "is --portal-url what stands before /v1?"
	case failure.Outcome == customerportal.OutcomeTimeout, failure.Outcome == customerportal.OutcomeNetwork:
		return "is it up, and reached from here at --portal-url?"
	case failure.Status >= 500:
		return "its own log says more"
	}
	return "latchkey conformance says what it should answer"
}
