// Package ops tells the people who run Latchkey how it does: metrics, health and readiness on a listener
// of their own, which is no page for customers.
//
// Metrics count by route, kind, step and outcome. No address, code, token, reference or client is ever a
// label (R11). The package has its own registry and no global one; it knows recovery's kinds and nothing
// of HTTP routes, databases or mail services, which report to it through small interfaces of their own.
package ops
