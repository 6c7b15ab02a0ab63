package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"latchkey/handlers"
	"latchkey/handlers/console"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/diagnosis"
	"latchkey/internal/oidc"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
	"latchkey/templates"
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
	macros, err := a.macros()
	if err != nil {
		return err
	}
	h, err := console.New(console.Config{
		Agents: recovery.NewAgents(a.service, deps), Renderer: a.words, Languages: a.words.Languages(),
		Limits: a.limits, Keys: a.keys, URL: a.consoleURL, TrustedProxies: a.options.TrustedProxies,
		ProviderOrigins: agentOrigins(a.options.Console), DryRun: a.dryRun,
		MakeLink: a.makeLink, Macros: func(lang string) []templates.MacroText { return macros[lang] },
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
	return dryRun(ctx, a.service.Deps, of, a.words)
}

// makeLink makes a signed support link. What the rules refuse of it, the form is told.
func (a *app) makeLink(_ context.Context, w console.WantedLink) (string, error) {
	url, err := a.service.SupportLink(recovery.SupportLink{
		Ticket: w.Ticket, Address: w.Address.String(), Expected: diagnosis.ID(w.Situation), Language: w.Language, Life: w.Life,
	})
	if err != nil {
		return "", fmt.Errorf("%w: %w", console.ErrLinkRefused, err)
	}
	return url, nil
}

// macros are the ready-made replies, by language.
func (a *app) macros() (map[string][]templates.MacroText, error) {
	all := map[string][]templates.MacroText{}
	for _, lang := range a.words.Languages() {
		made, err := handlers.Macros(a.words, lang, a.options.PublicURL)
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			all[lang] = append(all[lang], templates.MacroText{ID: cmp.Or(m.Situation, "any"), Title: m.Title, Text: m.Text})
		}
	}
	return all, nil
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

// agentOrigins are where an agent's browser may be sent to sign in (R7).
func agentOrigins(c config.Console) []string {
	return signInOrigins(c.ConsoleOIDCIssuer, c.ConsoleOIDCClientID, c.ConsoleOIDCOrigins)
}
