package oidc

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"latchkey/internal/recovery"
)

var _ recovery.AgentProvider = (*Provider)(nil)

// RedeemAgent exchanges the code that a browser brought back, and returns the support agent who signed in, with
// their groups. The code is spent, whatever comes of it.
func (p *Provider) RedeemAgent(ctx context.Context, code string, s recovery.IdentitySecrets) (recovery.AgentIdentity, error) {
	got, err := p.redeemed(ctx, code, s)
	if err != nil {
		return recovery.AgentIdentity{}, err
	}
	said := map[string]json.RawMessage{}
	if got.id.Claims(&said) != nil {
		return recovery.AgentIdentity{}, failed(StepIDToken, errDocument)
	}
	if _, ok := said[p.config.GroupsClaim]; !ok || name(said) == "" {
		// What the token does not have the user-info endpoint may; what it has stands.
		for name, value := range got.found.ask(oidc.ClientContext(ctx, p.client), got.token, got.claims.Subject) {
			if _, known := said[name]; !known {
				said[name] = value
			}
		}
	}
	return recovery.AgentIdentity{
		Subject: got.claims.Subject,
		Name:    name(said),
		Groups:  texts(said[p.config.GroupsClaim]),
	}, nil
}

// ask is what the user-info endpoint says of the subject; nothing where it says it of another.
func (f *found) ask(ctx context.Context, token *oauth2.Token, subject string) map[string]json.RawMessage {
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	said := map[string]json.RawMessage{}
	if err != nil || info.Subject != subject || info.Claims(&said) != nil {
		return nil
	}
	return said
}

// name is the one that people know an agent by.
func name(said map[string]json.RawMessage) string {
	return cmp.Or(text(said["preferred_username"]), text(said["email"]), text(said["name"]))
}

func text(claim json.RawMessage) string {
	var s string
	if json.Unmarshal(claim, &s) != nil {
		return ""
	}
	return s
}

// texts is a list of texts, or a single one. A list with anything else in it is none at all.
func texts(claim json.RawMessage) []string {
	var list []string
	if json.Unmarshal(claim, &list) == nil {
		return list
	}
	if one := text(claim); one != "" {
		return []string{one}
	}
	return nil
}
