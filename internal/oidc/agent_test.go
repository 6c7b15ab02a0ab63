package oidc_test

import (
	"errors"
	"reflect"
	"testing"

	"latchkey/internal/oidc"
	"latchkey/internal/oidc/oidctest"
	"latchkey/internal/recovery"
)

var grace = oidctest.Person{
	Subject: "42", Username: "grace", Email: "grace@desk.example", EmailVerified: true, Groups: []string{"staff", "support"},
}

func agents(c *oidc.Config) { c.GroupsClaim, c.Scopes = "groups", []string{"profile"} }

func TestAnAgentSignsIn(t *testing.T) {
	for name, inToken := range map[string]bool{"groups in the ID token": true, "groups at the user-info endpoint": false} {
		t.Run(name, func(t *testing.T) {
			at := oidctest.Start(t, back, grace, zoe)
			at.EmailInToken = inToken
			p := client(t, at, agents)
			got, err := p.RedeemAgent(t.Context(), code(t, p, at, grace), secrets)
			want := recovery.AgentIdentity{Subject: "42", Name: "grace", Groups: grace.Groups}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
			if asked := at.Calls("/userinfo") > 0; asked == inToken {
				t.Errorf("the user-info endpoint was asked: %t", asked)
			}
			got, err = p.RedeemAgent(t.Context(), code(t, p, at, zoe), secrets)
			if err != nil || got.Subject != zoe.Subject || got.Groups != nil {
				t.Errorf("somebody without groups: %+v, %v", got, err)
			}
		})
	}
}

// Groups that another subject has, or that are no list of texts, are nobody's.
func TestGroupsThatDoNotCount(t *testing.T) {
	for _, tt := range []struct {
		name string
		info map[string]any
		want []string
	}{
		{"a list", map[string]any{"sub": "42", "groups": []string{"support"}}, []string{"support"}},
		{"one", map[string]any{"sub": "42", "groups": "support"}, []string{"support"}},
		{"of another subject", map[string]any{"sub": "1", "groups": []string{"support"}}, nil},
		{"with a number in it", map[string]any{"sub": "42", "groups": []any{"support", 1}}, nil},
		{"an object", map[string]any{"sub": "42", "groups": map[string]any{"support": true}}, nil},
		{"none", map[string]any{"sub": "42", "groups": nil}, nil},
		{"under another name", map[string]any{"sub": "42", "Groups": []string{"support"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := oidctest.Start(t, back, grace)
			newLiar(t, at).info = tt.info
			p := client(t, at, agents)
			got, err := p.RedeemAgent(t.Context(), code(t, p, at, grace), secrets)
			if err != nil || !reflect.DeepEqual(got.Groups, tt.want) {
				t.Errorf("got %+v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

// The groups of the ID token stand, whatever the user-info endpoint says.
func TestGroupsOfTheIDTokenStand(t *testing.T) {
	at := oidctest.Start(t, back, grace)
	l := newLiar(t, at)
	l.claims = map[string]any{"groups": []string{}}
	l.info = map[string]any{"sub": "42", "groups": []string{"support"}}
	p := client(t, at, agents)
	if got, err := p.RedeemAgent(t.Context(), code(t, p, at, grace), secrets); err != nil || len(got.Groups) > 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnAgentsCodeIsCheckedAsAnyOther(t *testing.T) {
	at := oidctest.Start(t, back, grace)
	l := newLiar(t, at)
	l.claims = map[string]any{"nonce": "of-another"}
	p := client(t, at, agents)
	got, err := p.RedeemAgent(t.Context(), code(t, p, at, grace), secrets)
	if !errors.Is(err, recovery.ErrIdentityProvider) || got.Subject != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}
