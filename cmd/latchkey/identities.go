package main

import (
	"time"

	"latchkey/internal/config"
	"latchkey/internal/gitlab"
	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

// newIdentities is nil where no identity provider is configured: then the customer portal's copy of an
// identity counts. watch may be nil.
func newIdentities(o config.IdentityAPI, watch gitlab.Observer) (recovery.Identities, error) {
	if o.GitLabURL == "" {
		return nil, nil
	}
	c, err := gitlab.New(gitlab.Config{BaseURL: o.GitLabURL, Token: o.GitLabToken, Observer: watch})
	if err != nil {
		return nil, asFault("gitlab-token", err)
	}
	return c, nil
}

type identityMetrics struct{ *ops.Metrics }

func (m identityMetrics) IdentityAsked(op gitlab.Op, outcome gitlab.Outcome, took time.Duration) {
	m.Metrics.IdentityAsked(string(op), string(outcome), took)
}
