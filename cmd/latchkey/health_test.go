package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/internal/config"
)

func TestHealth(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	address := strings.TrimPrefix(server.URL, "http://")
	everywhere := "0.0.0.0" + address[strings.LastIndexByte(address, ':'):]
	for _, at := range []string{address, everywhere} {
		if err := runHealth(t.Context(), config.Options{OpsListen: at}); err != nil {
			t.Errorf("ready at %s: %v", at, err)
		}
	}
	status = http.StatusServiceUnavailable
	if err := runHealth(t.Context(), config.Options{OpsListen: address}); err == nil {
		t.Error("not ready: no error")
	}
	server.Close()
	if err := runHealth(t.Context(), config.Options{OpsListen: address}); err == nil {
		t.Error("gone: no error")
	}
}
