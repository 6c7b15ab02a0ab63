package main

import (
	"bytes"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/limit"
	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

func options(t *testing.T, args ...string) config.Options {
	t.Helper()
	c, err := config.Load(args, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return c.Options
}

// serving are the least flags of serve.
var serving = []string{
	"serve", "--keys", "text", "--public-url", "https://help.example.com", "--portal-url", "https://customers.example.com",
	"--portal-token", "t", "--portal-origins", "https://customers.example.com", "--support-email", "support@example.com",
	"--mail", "smtp", "--smtp-address", "127.0.0.1:25", "--smtp-tls", "none", "--mail-from", "Example <no-reply@mail.example.com>",
}

// TestDefaultsAreTheRules compares what serve starts with to the figures that the rules are written with.
func TestDefaultsAreTheRules(t *testing.T) {
	want := recovery.DefaultPolicy()
	want.PortalOrigins = []string{"https://customers.example.com"}
	if got := policy(options(t, serving...)); !reflect.DeepEqual(got, want) {
		t.Errorf("policy\n got %+v\nwant %+v", got, want)
	}
}

func TestConsoleDefaultsAreTheRules(t *testing.T) {
	deps, err := agentDeps(options(t, serving...), "https://help.example.com")
	if want := recovery.DefaultAgentPolicy(); err != nil || deps.Policy != want {
		t.Errorf("policy of agents %+v, %v; want %+v", deps.Policy, err, want)
	}
}

func TestPolicyOfTheDemo(t *testing.T) {
	p := policy(options(t, "demo"))
	if !p.ConfirmHere {
		t.Error("the demo does not mail its own confirmations")
	}
	if p.AddressNetHour != p.AddressHour || p.AddressNetDay != p.AddressDay || p.GlobalNetHour != p.GlobalHour {
		t.Errorf("one network does not get all: %+v", p)
	}
}

func TestEveryFigureIsConfigurable(t *testing.T) {
	args := append([]string{}, serving...)
	for flag, value := range map[string]string{
		"--code-tries": "4", "--wrong-codes-day": "14", "--prove-ttl": "14m", "--sign-in-ttl": "2h", "--confirm-ttl": "23h",
		"--disown-ttl": "6d", "--stop-link-ttl": "6d", "--stop-ttl": "29d", "--same-code-left": "4m", "--resend-wait": "2m",
		"--claim-ttl": "14s", "--portal-timeout": "4s", "--oidc-client-id": "latchkey", "--oidc-ttl": "9m",
		"--proof-idle": "29m", "--proof-max": "3h", "--session-idle": "23h",
		"--address-hour": "50", "--address-day": "120", "--address-network-hour": "30", "--address-network-day": "60",
		"--global-hour": "20000", "--global-network-hour": "1000", "--case-mails": "100", "--case-steps": "50", "--handoffs-address": "30",
		"--handoffs-client": "100", "--others-at-most": "2", "--support-link-day": "2", "--confirmation-by": "latchkey", "--reset-window": "6d",
		"--portal-origins": "https://other.example.com", "--keep-cases": "31d", "--keep-sessions": "25h", "--keep-audit": "366d", "--check-pace": "1s",
	} {
		args = append(args, flag+"="+value)
	}
	got, standard := figures(policy(options(t, args...))), figures(recovery.DefaultPolicy())
	for name, value := range got {
		if reflect.DeepEqual(value, standard[name]) {
			t.Errorf("no flag changes %s: internal/config has one for it, policy takes it, and this test gives it another value", name)
		}
	}
}

// figures are the values of a struct by their names, those of structs in it each by its own.
func figures(of any) map[string]any {
	all := map[string]any{}
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		name, value := v.Type().Field(i).Name, v.Field(i).Interface()
		if v.Field(i).Kind() != reflect.Struct {
			all[name] = value
			continue
		}
		for inner, value := range figures(value) {
			all[name+"."+inner] = value
		}
	}
	return all
}

// Browsers are sent to the identity provider only where a client is configured, and nowhere else (R7).
func TestWhereIdentitiesAreSignedInTo(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{nil, nil},
		{[]string{"--oidc-issuer=https://gitlab.example"}, nil},
		{[]string{"--oidc-client-id=latchkey"}, []string{"https://gitlab.com"}},
		{
			[]string{"--oidc-client-id=latchkey", "--oidc-issuer=https://login.example/realms/acme/", "--oidc-origins=https://sso.example"},
			[]string{"https://login.example", "https://sso.example"},
		},
	} {
		o := options(t, append(append([]string{}, serving...), tt.args...)...)
		p, err := newIdentityProvider(o)
		if got := identityOrigins(o); !slices.Equal(got, tt.want) || err != nil || (p != nil) != (tt.want != nil) {
			t.Errorf("%v: origins %v, a provider %t, %v; want %v", tt.args, got, p != nil, err, tt.want)
		}
	}
}

func TestLimitScaleReachesEveryLimit(t *testing.T) {
	o := options(t, append(append([]string{}, serving...), "--limit-scale", "10")...)
	// A load test tries no more codes, and R2 lets one mail to another address go to three at most.
	stays := []string{"CodeTries", "WrongCodesADay", "OthersAtMost"}
	standard := figures(recovery.DefaultPolicy())
	for name, got := range figures(policy(o)) {
		want, limit := standard[name].(int)
		if !limit {
			continue
		}
		if !slices.Contains(stays, name) {
			want *= 10
		}
		if got != want {
			t.Errorf("%s = %v, want %d: Policy.Scale multiplies every limit but %q", name, got, want, stays)
		}
	}
	c := pageLimits(o, nil, nil)
	if c.Scale != 10 {
		t.Errorf("Scale = %v, want 10", c.Scale)
	}
	for name, rate := range limit.DefaultRates() {
		if c.Rates[name] != rate {
			t.Errorf("%s: pageLimits has %+v, want its flag's default, %+v as in limit.DefaultRates", name, c.Rates[name], rate)
		}
	}
	if c.Rates[limit.Starts].Period != 10*time.Minute {
		t.Errorf("starts are counted in %s", c.Rates[limit.Starts].Period)
	}
}

// A Redis that is away is told at once, that it still is once a minute at most, and that it is back.
func TestTheLimitsStoreIsToldOf(t *testing.T) {
	var log bytes.Buffer
	a := &app{log: slog.New(slog.NewTextHandler(&log, nil)), metrics: ops.NewMetrics("test")}
	asked := pageLimits(config.Options{}, nil, a.countsAsked).StoreAsked
	asked(nil)
	if log.Len() > 0 {
		t.Errorf("with Redis there: %s", log.String())
	}
	for range 3 {
		asked(limit.ErrAway)
	}
	asked(nil)
	asked(nil)
	if got := log.String(); strings.Count(got, "fall back to memory") != 1 || strings.Count(got, "in Redis again") != 1 {
		t.Errorf("logged %s", got)
	}
}
