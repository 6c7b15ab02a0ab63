package desktest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// Webhook is a desk behind a webhook: it checks the signature as the README says, and makes one ticket for a
// key however often it comes.
type Webhook struct {
	Secret string
	// Fail is asked of each request how it goes wrong; nil for not at all.
	Fail func(Request) *Fault

	mu     sync.Mutex
	wire   []Request
	events []json.RawMessage
	byKey  map[string]int
}

// Wire returns every request so far.
func (h *Webhook) Wire() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.wire)
}

// Events are the bodies taken, each once.
func (h *Webhook) Events() []json.RawMessage {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// ServeHTTP implements http.Handler.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	request := Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: text}
	var fault *Fault
	if h.Fail != nil {
		fault = h.Fail(request)
	}
	request.Faulty = fault != nil
	h.mu.Lock()
	h.wire = append(h.wire, request)
	h.mu.Unlock()
	act := func(w http.ResponseWriter) { h.take(w, r, text) }
	if !faulty(w, r, fault, act) {
		act(w)
	}
}

func (h *Webhook) take(w http.ResponseWriter, r *http.Request, text []byte) {
	mac := hmac.New(sha256.New, []byte(h.Secret))
	_, _ = io.WriteString(mac, r.Header.Get("Latchkey-Timestamp")+".")
	_, _ = mac.Write(text)
	want := "v1=" + hex.EncodeToString(mac.Sum(nil))
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("Latchkey-Signature"))) {
		http.Error(w, "signature", http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := r.Header.Get("Idempotency-Key")
	if h.byKey == nil {
		h.byKey = map[string]int{}
	}
	if _, known := h.byKey[key]; !known {
		h.events = append(h.events, text)
		h.byKey[key] = len(h.events)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"ticket":` + strconv.Itoa(h.byKey[key]) + `}`))
}
