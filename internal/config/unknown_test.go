package config_test

import (
	"slices"
	"testing"

	"latchkey/internal/config"
)

func TestUnknownVariables(t *testing.T) {
	got := config.Unknown([]string{
		"HOME=/root", "LATCHKEY_PUBLIC_ULR=https://help.example.com", "LATCHKEY_PORTAL_TOKEN_FIL=/run/secrets/token",
		"LATCHKEY_CUSTOMERS=many", "LATCHKEY_MISTYPED_AND_EMPTY=", "LATCHKEYS=1",
		// of serve, of other commands, and a secret's file
		"LATCHKEY_LISTEN=:8080", "LATCHKEY_SINCE=30d", "LATCHKEY_PORTAL_TOKEN_FILE=/run/secrets/token",
		// others'
		"LATCHKEY_TEST_POSTGRES=postgres://", "LATCHKEY_SERVICE_HOST=10.0.0.1", "LATCHKEY_SERVICE_PORT=80",
		"LATCHKEY_SERVICE_PORT_HTTP=80", "LATCHKEY_PORT=tcp://10.0.0.1:80", "LATCHKEY_PORT_80_TCP_ADDR=10.0.0.1",
		"LATCHKEY_OPS_PORT_8081_TCP=tcp://10.0.0.1:8081",
	})
	want := []string{
		"LATCHKEY_CUSTOMERS: there is no such setting",
		"LATCHKEY_PORTAL_TOKEN_FIL: there is no such setting, did you mean LATCHKEY_PORTAL_TOKEN_FILE?",
		"LATCHKEY_PUBLIC_ULR: there is no such setting, did you mean LATCHKEY_PUBLIC_URL?",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if got := config.Unknown([]string{"PATH=/bin"}); got != nil {
		t.Errorf("told %q of an environment without any", got)
	}
}
