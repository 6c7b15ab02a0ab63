// Package nginxtest runs nginx, as Debian has it, with the configuration that compose.yaml holds.
//
// It knows where that configuration stands, and nothing else of ours.
package nginxtest
