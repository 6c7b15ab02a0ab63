package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers"
	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// dryRun makes a diagnosis for an address that was typed, or for that of a case. It answers the POST itself, so
// that no address stands in a URL (R11); sending the form again asks again.
func (s *server) dryRun(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error {
	reference, ok := secret.ParseReference(f[templates.FieldCase])
	var typed account.Address
	if !ok {
		var err error
		if typed, err = account.ParseAddress(strings.TrimSpace(f[templates.FieldEmail])); err != nil {
			return err
		}
	}
	of, err := s.Agents.DryRuns(c.Request.Context(), v, typed, reference)
	if err != nil {
		return err
	}
	c.Set(edge.KeyReference, reference)
	c.Set(edge.KeyAddress, s.Keys.HashAddress(of.Canonical()))
	result, err := s.DryRun(c.Request.Context(), of)
	if err != nil {
		return err
	}
	built := newDryRunPage(result)
	built.ConsoleBase, built.Case = s.base(v, Path+"/dry-run", entry{}), reference
	return s.render(c, http.StatusOK, built)
}

func newDryRunPage(r dryrun.Result) templates.ConsoleDryRun {
	built := templates.ConsoleDryRun{
		Address: r.Address, At: r.At, Incomplete: r.Incomplete, Facts: dryFacts(r.Facts), General: dryFindings(r.General),
		Lines: handlers.PreviewLines(r.Page.Text),
	}
	for _, a := range r.Accounts {
		built.Accounts = append(built.Accounts, templates.ConsoleOwned{ID: a.ID, Ownership: a.Ownership, Findings: dryFindings(a.Findings)})
	}
	for _, c := range r.Checks {
		built.Checks = append(built.Checks, templates.CheckView{ID: c.ID, State: c.State})
	}
	return built
}

func dryFindings(all []dryrun.Finding) []templates.ConsoleFinding {
	var out []templates.ConsoleFinding
	for _, f := range all {
		out = append(out, templates.ConsoleFinding{
			TicketFinding: templates.TicketFinding{
				Situation: f.Situation, Facts: facts(f.Evidence.Facts), Proofs: f.OneOf, Needs: f.AllOf,
			},
			Variant: f.Evidence.Variant, Order: f.Order, Actions: f.Actions, Forbids: f.Forbids,
		})
	}
	return out
}

// dryFacts are the look-ups in the order of `latchkey diagnose`.
func dryFacts(f dryrun.Facts) []templates.ConsoleFact {
	out := []templates.ConsoleFact{
		fact("accounts", f.Accounts, dryAccounts),
		fact("linked", f.Linked, dryAccounts),
		fact("identities", f.Identities, func(*struct{}, *templates.ConsoleFact) {}),
		fact("resets", f.Resets, func(r *dryrun.ResetsFact, shown *templates.ConsoleFact) {
			shown.Lines = append(shown.Lines, reset("identity", r.Identity), reset("portal", r.Portal))
		}),
		fact("contacts", f.Contacts, dryBilling),
		fact("invitations", f.Invitations, dryBilling),
		fact("suppressions", f.Suppressions, func(all []dryrun.SuppressFact, shown *templates.ConsoleFact) {
			for _, one := range all {
				shown.Lines = append(shown.Lines, templates.ConsoleItem{ID: "suppression", Name: one.List, State: one.Code, At: one.Since})
			}
			shown.None = len(all) == 0
		}),
	}
	return out
}

func fact[T any](id string, f dryrun.Fact[T], fill func(T, *templates.ConsoleFact)) templates.ConsoleFact {
	shown := templates.ConsoleFact{ID: id, State: f.State, Why: f.Why}
	if f.State == dryrun.StateKnown {
		fill(f.Value, &shown)
	}
	return shown
}

func reset(by string, at time.Time) templates.ConsoleItem {
	if at.IsZero() {
		return templates.ConsoleItem{ID: "no-reset-" + by}
	}
	return templates.ConsoleItem{ID: "reset-" + by, At: at}
}

func dryBilling(all []dryrun.BillingFact, shown *templates.ConsoleFact) {
	shown.Lines, shown.None = billing(all), len(all) == 0
}

func billing(all []dryrun.BillingFact) []templates.ConsoleItem {
	var out []templates.ConsoleItem
	for _, b := range all {
		out = append(out, templates.ConsoleItem{ID: "billing", Name: b.ID, Relation: b.Relation, State: b.State, At: b.CreatedAt})
	}
	return out
}

func dryAccounts(all []dryrun.AccountFact, shown *templates.ConsoleFact) {
	for _, a := range all {
		account := templates.ConsoleAccount{
			ID: a.ID, AtAddress: a.AtAddress, ChangePending: a.ChangePending, SignInOn: a.SignInEnabled, Origin: a.Origin,
			CreatedAt: a.CreatedAt, ConfirmedAt: a.ConfirmedAt, LastSignInAt: a.LastSignInAt,
			Subscriptions: a.Subscriptions, Applied: a.Applied,
		}
		if i := a.Identity; i != nil {
			account.Identity = &templates.ConsoleIdentity{
				Provider: i.Provider, Subject: i.Subject, State: i.State, Email: i.Email,
				Verified: i.EmailVerified, Password: i.PasswordEnabled, Two: i.TwoFactor,
			}
		}
		for _, m := range a.Memberships {
			account.Lines = append(account.Lines, templates.ConsoleItem{ID: "billing", Name: m.ID, Relation: m.Role})
		}
		account.Lines = append(account.Lines, billing(a.Invitations)...)
		shown.Accounts = append(shown.Accounts, account)
	}
	shown.None = len(all) == 0
}
