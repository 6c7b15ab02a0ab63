package main

import (
	"context"
	"net/url"
	"time"

	"latchkey/handlers"
	"latchkey/handlers/console"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/oidc"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
)

// mountConsole puts the agent console onto the ops listener, if anybody may sign in to it.
func (a *app) mountConsole() error {
	if !a.options.ConsoleOn() {
		return nil
	}
	deps, err := agentDeps(a.options, a.consoleURL)
	if err != nil {
		return asFault("console-oidc-issuer", err)
	}
	h, err := console.New(console.Config{
		Agents: recovery.NewAgents(a.service, deps), Renderer: a.words, Languages: a.words.Languages(),
		Limits: a.limits, Keys: a.keys, URL: a.consoleURL, TrustedProxies: a.options.TrustedProxies,
		ProviderOrigins: agentOrigins(a.options.Console), DryRun: a.dryRun,
		Log: a.log, Metrics: a.metrics, Now: time.Now,
	})
	if err != nil {
		return asFault("console-url", err)
	}
	for _, pattern := range []string{console.Path, console.Path + "/"} {
		a.surface.Mount(pattern, h)
	}
	return nil
}

// dryRun asks what a case would ask, and of the same systems.
func (a *app) dryRun(ctx context.Context, of account.Address) (dryrun.Result, error) {
	return dryrun.Run(ctx, a.service.Deps, of, func(d recovery.Diagnosis) (dryrun.Page, error) {
		title, text, err := handlers.PreviewText(a.words, a.words.Languages()[0], d)
		return dryrun.Page{Title: title, Text: text}, err
	})
}

// agentDeps is who may sign in to the console, and by what.
func agentDeps(o config.Options, consoleURL string) (recovery.AgentDeps, error) {
	c := o.Console
	deps := recovery.AgentDeps{
		Groups: c.ConsoleGroups, Token: c.ConsoleToken,
		Policy: recovery.AgentPolicy{
			SessionIdle: c.ConsoleIdle, SessionMax: c.ConsoleMax, SignInFor: o.IdentityFor, TokenTries: c.ConsoleTries,
		},
	}
	if c.ConsoleOIDCClientID == "" {
		return deps, nil
	}
	p, err := oidc.New(oidc.Config{
		Issuer: c.ConsoleOIDCIssuer, Name: "agents", ClientID: c.ConsoleOIDCClientID, ClientSecret: c.ConsoleOIDCClientSecret,
		RedirectURL: consoleURL + console.CallbackPath, Origins: agentOrigins(c), Scopes: c.ConsoleOIDCScopes,
		GroupsClaim: c.ConsoleGroupsClaim, Timeout: o.PortalTimeout, Now: time.Now,
	})
	if err != nil {
		return deps, err
	}
	deps.Provider = p
	return deps, nil
}

// agentOrigins are where an agent's browser may be sent to sign in: the issuer's own, and what else is allowed
// (R7).
func agentOrigins(c config.Console) []string {
	u, err := url.Parse(c.ConsoleOIDCIssuer)
	if c.ConsoleOIDCClientID == "" || err != nil {
		return nil
	}
	return append([]string{u.Scheme + "://" + u.Host}, c.ConsoleOIDCOrigins...)
}
