package main

import (
	"time"

	"latchkey/internal/config"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
)

// policy maps what was configured to the figures of the rules.
func policy(o config.Options) recovery.Policy {
	p := recovery.Policy{
		CodeTries: o.CodeTries, WrongCodesADay: o.WrongCodesADay,
		ProveFor: o.ProveFor, SignInFor: o.SignInFor, ConfirmFor: o.ConfirmFor,
		DisownFor: o.DisownFor, StopLinkFor: o.StopLinkFor, StopFor: o.StopFor,
		SameCodeMin: o.SameCodeMin, QueuedWait: o.QueuedWait,
		ClaimFor: o.ClaimFor, PortalTimeout: o.PortalTimeout,
		ProofIdle: o.ProofIdle, ProofMax: o.ProofMax, SessionIdle: o.SessionIdle,
		AddressHour: o.AddressHour, AddressDay: o.AddressDay,
		AddressNetHour: o.AddressNetHour, AddressNetDay: o.AddressNetDay,
		GlobalHour: o.GlobalHour, GlobalNetHour: o.GlobalNetHour, SupportLinkDay: o.SupportLinkDay,
		CaseMails: o.CaseMails, CaseSteps: o.CaseSteps, HandOffsAddress: o.HandOffsAddress, HandOffsClient: o.HandOffsClient,
		OthersAtMost:  o.OthersAtMost,
		ConfirmHere:   o.ConfirmationBy == "latchkey",
		PortalOrigins: o.PortalOrigins, IdentityOrigins: identityOrigins(o), IdentityFor: o.IdentityFor,
		ResetWindow: o.ResetWindow, CheckPace: o.CheckPace,
		Retention: recovery.Retention{Cases: o.KeepCases, Sessions: o.KeepSessions, Audit: o.KeepAudit},
	}
	if o.LimitScale != 0 {
		p = p.Scale(o.LimitScale)
	}
	return p
}

// pageLimits are the limits of pages, which recovery knows nothing of.
func pageLimits(o config.Options, counts limit.Store, asked func(error)) limit.Config {
	const period = 10 * time.Minute
	return limit.Config{
		Scale: o.LimitScale,
		Rates: map[limit.Name]limit.Rate{
			limit.Starts:   {Count: o.StartsLimit, Period: period},
			limit.Pages:    {Count: o.PagesLimit, Period: period},
			limit.Looks:    {Count: o.LooksLimit, Period: period},
			limit.Prefills: {Count: o.PrefillsLimit, Period: period},
			limit.States:   {Count: o.StatesLimit, Period: period},

			limit.ConsoleSignIns: {Count: o.ConsoleSignIn, Period: period},
			limit.ConsolePages:   {Count: o.ConsolePages, Period: period},
		},
		Store: counts, StoreAsked: asked,
	}
}

// newCounts is where the limits of pages are counted for all replicas; nil where each counts for itself.
func newCounts(o config.Options) (limit.Store, error) {
	if o.RedisURL == "" {
		return nil, nil
	}
	store, err := limit.NewRedis(limit.RedisConfig{URL: o.RedisURL})
	if err != nil {
		return nil, asFault("redis-url", err)
	}
	return store, nil
}
