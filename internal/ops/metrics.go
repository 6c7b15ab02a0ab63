package ops

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	vm "github.com/VictoriaMetrics/metrics"

	"latchkey/internal/recovery"
)

// Metrics counts. Its methods are safe for concurrent use and never block.
type Metrics struct {
	set *vm.Set

	requests       counters
	requestSeconds histograms

	deliveries      counters
	deliveryFaults  counters
	acceptedSeconds histograms

	portalCalls   counters
	portalSeconds histograms

	identityCalls   counters
	identitySeconds histograms

	steps  counters
	blind  counters
	limits counters
	store  *vm.Counter
}

// Seconds in which pages, portal calls and mails fall; a page is good under 0.1, a portal call is cut at
// 5, and a mail that takes a minute has lost its customer.
var (
	pageSeconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	mailSeconds = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}
)

// NewMetrics makes every metric, in a set of its own.
func NewMetrics(version string) *Metrics {
	vm.ExposeMetadata(true) // the types, which tools that read metrics show and check
	f := factory{vm.NewSet()}
	m := &Metrics{
		set:            f.set,
		requests:       f.counters("http_requests_total", "route", "method", "status"),
		requestSeconds: f.histograms("http_request_seconds", pageSeconds, "route", "method"),

		deliveries:      f.counters("deliveries_total", "kind", "state"),
		deliveryFaults:  f.counters("delivery_faults_total", "kind", "class"),
		acceptedSeconds: f.histograms("delivery_accepted_seconds", mailSeconds, "kind"),

		portalCalls:   f.counters("portal_calls_total", "call", "outcome"),
		portalSeconds: f.histograms("portal_call_seconds", pageSeconds, "call"),

		identityCalls:   f.counters("identity_calls_total", "call", "outcome"),
		identitySeconds: f.histograms("identity_call_seconds", pageSeconds, "call"),

		steps:  f.counters("case_steps_total", "step"),
		blind:  f.counters("blind_mails_total", "outcome"),
		limits: f.counters("limit_refusals_total", "limit"),
		store:  f.counter("limit_store_faults_total"),
	}
	f.set.NewGauge(newFamily("build_info", []string{"version"}).with([]string{version}), func() float64 { return 1 })
	return m
}

// Handler serves the metrics in Prometheus' format.
func (m *Metrics) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.set.WritePrometheus(w)
		vm.WriteProcessMetrics(w)
	})
}

// Request counts an answered request by its route's pattern, never by its URL.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	method = knownMethod(method)
	m.requests.inc(route, method, strconv.Itoa(status/100)+"xx")
	m.requestSeconds.observe(took.Seconds(), route, method)
}

// knownMethod keeps a stranger from making labels.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	}
	return "other"
}

// MailSent counts a mail that the next hop took, and the time since it was asked for.
func (m *Metrics) MailSent(kind recovery.Kind, sinceRequest time.Duration) {
	m.deliveries.inc(string(kind), string(recovery.StateAccepted))
	m.acceptedSeconds.observe(sinceRequest.Seconds(), string(kind))
}

// MailMoved counts a later state of a mail, as the mail service reports it.
func (m *Metrics) MailMoved(kind recovery.Kind, state recovery.State) {
	m.deliveries.inc(string(kind), string(state))
}

// MailFailed counts a send that did not succeed, by its class; final is set where it is not tried again.
func (m *Metrics) MailFailed(kind recovery.Kind, class string, final bool) {
	m.deliveryFaults.inc(string(kind), class)
	if final {
		m.deliveries.inc(string(kind), string(recovery.StateFailed))
	}
}

// PortalCalled counts a call of the Customer Portal API.
func (m *Metrics) PortalCalled(call, outcome string, took time.Duration) {
	m.portalCalls.inc(call, outcome)
	m.portalSeconds.observe(took.Seconds(), call)
}

// IdentityAsked counts a look-up at the identity provider.
func (m *Metrics) IdentityAsked(call, outcome string, took time.Duration) {
	m.identityCalls.inc(call, outcome)
	m.identitySeconds.observe(took.Seconds(), call)
}

// Step counts a step of a case. "blind:<outcome>" is what became of a blind mail, which nothing else
// tells (R2). "capped:<limit>" is a mail that a budget refused.
func (m *Metrics) Step(act string) {
	if outcome, ok := strings.CutPrefix(act, "blind:"); ok {
		m.blind.inc(outcome)
		return
	}
	if name, ok := strings.CutPrefix(act, "capped:"); ok {
		m.LimitRefused(name)
		return
	}
	m.steps.inc(act)
}

// LimitRefused counts a request that a limit refused.
func (m *Metrics) LimitRefused(name string) { m.limits.inc(name) }

// LimitStoreFailed counts a request for which memory stood in for the store of limits.
func (m *Metrics) LimitStoreFailed() { m.store.Inc() }
