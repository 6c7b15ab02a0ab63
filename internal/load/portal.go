package load

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

// Portal is a customer portal for the server under load: an address that it knows has one account, whose
// linked identity has another email.
type Portal struct {
	listener net.Listener
	server   *http.Server
	known    func(email string) bool
}

// OpenPortal listens on a free port of loopback. known says which addresses have an account; nil: all.
func OpenPortal(ctx context.Context, known func(email string) bool) (*Portal, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if known == nil {
		known = func(string) bool { return true }
	}
	p := &Portal{listener: l, known: known}
	p.server = &http.Server{Handler: http.HandlerFunc(p.answer), ReadHeaderTimeout: time.Second}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// URL is what stands before /v1.
func (p *Portal) URL() string { return "http://" + p.listener.Addr().String() }

// Close ends it.
func (p *Portal) Close() error { return p.server.Close() }

func (p *Portal) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	email := r.URL.Query().Get("email") // "" where it is asked for in another way
	switch {
	case r.URL.Path == "/v1/accounts" && email != "" && p.known(email):
		_ = json.NewEncoder(w).Encode(map[string]any{"accounts": []any{account(email)}})
	case r.URL.Path == "/v1/accounts":
		_, _ = w.Write([]byte(`{"accounts":[]}`))
	case r.URL.Path == "/v1/billing-accounts":
		_, _ = w.Write([]byte(`{"billing_accounts":[]}`))
	default:
		http.NotFound(w, r)
	}
}

func account(email string) map[string]any {
	const long = "2025-03-01T10:00:00Z"
	return map[string]any{
		"id": "a-" + email, "email": email, "name": "Ada Example", "created_at": long, "confirmed_at": long,
		"unconfirmed_email": nil, "sign_in_enabled": true, "origin": "self-service", "last_sign_in_at": nil,
		"identity": map[string]any{
			"provider": "gitlab", "subject": "s-" + email, "username": "ada", "email": "other-" + email,
			"email_verified": true, "state": "active", "password_enabled": true, "two_factor": false,
		},
		"billing_accounts": []any{map[string]any{"id": "b-1", "name": "Example", "role": "manager"}},
		"subscriptions":    []any{map[string]any{"name": "Premium", "applied": true}},
		"invitations":      []any{},
	}
}
