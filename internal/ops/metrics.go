package ops

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"latchkey/internal/recovery"
)

// Metrics counts. Its methods are safe for concurrent use and never block.
type Metrics struct {
	registry *prometheus.Registry

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec

	deliveries      *prometheus.CounterVec
	deliveryFaults  *prometheus.CounterVec
	acceptedSeconds *prometheus.HistogramVec

	portalCalls   *prometheus.CounterVec
	portalSeconds *prometheus.HistogramVec

	identityCalls   *prometheus.CounterVec
	identitySeconds *prometheus.HistogramVec

	steps  *prometheus.CounterVec
	blind  *prometheus.CounterVec
	limits *prometheus.CounterVec
	store  prometheus.Counter
}

// Seconds in which pages, portal calls and mails fall; a page is good under 0.1, a portal call is cut at
// 5, and a mail that takes a minute has lost its customer.
var (
	pageSeconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	mailSeconds = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600}
)

// NewMetrics registers every metric, and those of Go and the process, with a registry of its own.
func NewMetrics(version string) *Metrics {
	f := factory{prometheus.NewRegistry()}
	m := &Metrics{
		registry:       f.registry,
		requests:       f.counters("http_requests_total", "Requests answered.", "route", "method", "status"),
		requestSeconds: f.histograms("http_request_seconds", "Time to answer.", pageSeconds, "route", "method"),

		deliveries:      f.counters("deliveries_total", "Deliveries that reached a state.", "kind", "state"),
		deliveryFaults:  f.counters("delivery_faults_total", "Sends that did not succeed, and deliveries not sent.", "kind", "class"),
		acceptedSeconds: f.histograms("delivery_accepted_seconds", "From the request to acceptance by the next hop.", mailSeconds, "kind"),

		portalCalls:   f.counters("portal_calls_total", "Calls of the Customer Portal API.", "call", "outcome"),
		portalSeconds: f.histograms("portal_call_seconds", "Time of a call, its retry included.", pageSeconds, "call"),

		identityCalls:   f.counters("identity_calls_total", "Look-ups at the identity provider; those answered from memory are not counted.", "call", "outcome"),
		identitySeconds: f.histograms("identity_call_seconds", "Time of a look-up, its retry included.", pageSeconds, "call"),

		steps:  f.counters("case_steps_total", "Steps that cases took.", "step"),
		blind:  f.counters("blind_mails_total", "What became of a wish to mail the other address.", "outcome"),
		limits: f.counters("limit_refusals_total", "Requests refused by a limit of pages.", "limit"),
		store:  f.counter("limit_store_faults_total", "Requests for which memory stood in for the store of limits."),
	}
	f.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f.gauges("build_info", "1, by version.", "version").WithLabelValues(version).Set(1)
	return m
}

// Handler serves the metrics in Prometheus' format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request counts an answered request by its route's pattern, never by its URL.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	method = knownMethod(method)
	m.requests.WithLabelValues(route, method, strconv.Itoa(status/100)+"xx").Inc()
	m.requestSeconds.WithLabelValues(route, method).Observe(took.Seconds())
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
	m.deliveries.WithLabelValues(string(kind), string(recovery.StateAccepted)).Inc()
	m.acceptedSeconds.WithLabelValues(string(kind)).Observe(sinceRequest.Seconds())
}

// MailMoved counts a later state of a mail, as the mail service reports it.
func (m *Metrics) MailMoved(kind recovery.Kind, state recovery.State) {
	m.deliveries.WithLabelValues(string(kind), string(state)).Inc()
}

// MailFailed counts a send that did not succeed, by its class; final is set where it is not tried again.
func (m *Metrics) MailFailed(kind recovery.Kind, class string, final bool) {
	m.deliveryFaults.WithLabelValues(string(kind), class).Inc()
	if final {
		m.deliveries.WithLabelValues(string(kind), string(recovery.StateFailed)).Inc()
	}
}

// PortalCalled counts a call of the Customer Portal API.
func (m *Metrics) PortalCalled(call, outcome string, took time.Duration) {
	m.portalCalls.WithLabelValues(call, outcome).Inc()
	m.portalSeconds.WithLabelValues(call).Observe(took.Seconds())
}

// IdentityAsked counts a look-up at the identity provider.
func (m *Metrics) IdentityAsked(call, outcome string, took time.Duration) {
	m.identityCalls.WithLabelValues(call, outcome).Inc()
	m.identitySeconds.WithLabelValues(call).Observe(took.Seconds())
}

// Step counts a step of a case. "blind:<outcome>" is what became of a blind mail, which nothing else
// tells (R2).
func (m *Metrics) Step(act string) {
	if outcome, ok := strings.CutPrefix(act, "blind:"); ok {
		m.blind.WithLabelValues(outcome).Inc()
		return
	}
	m.steps.WithLabelValues(act).Inc()
}

// LimitRefused counts a request that a limit refused.
func (m *Metrics) LimitRefused(name string) { m.limits.WithLabelValues(name).Inc() }

// LimitStoreFailed counts a request for which memory stood in for the store of limits.
func (m *Metrics) LimitStoreFailed() { m.store.Inc() }
