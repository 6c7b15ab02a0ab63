package handlers

import (
	"cmp"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// newSituationPage lays a diagnosis out. hasText reports whether the locales have a message. The page has
// one primary button at most, and one account's button stands under the first finding that offers it.
func newSituationPage(d recovery.Diagnosis, hasText func(id string) bool) templates.Situation {
	l := layout{diagnosis: d, hasText: hasText, instead: instead(d)}
	l.primary, l.hasPrimary = d.Report.Primary()
	built := templates.Situation{
		Address:           d.Address,
		Others:            d.Others,
		Incomplete:        d.Report.Incomplete,
		AllRight:          d.Report.AllRight(),
		Inside:            d.Report.Inside(),
		Open:              d.Report.Open(),
		Instead:           l.instead,
		NoneHere:          noneHere(d.Report),
		OtherAddressAsked: d.OtherAddressAsked,
		HandedOff:         d.HandedOff,
		MailWaits:         d.MailWaits,
		AsksGotIn:         d.AsksGotIn,
		SignedInLast:      d.SignedInLast,
		GotIn:             string(d.GotIn),
	}
	for _, a := range d.Report.Accounts {
		built.Accounts = append(built.Accounts, l.account(a))
	}
	for _, f := range d.Report.General {
		built.General = append(built.General, l.finding(f, nil, f.Actions))
	}
	for _, check := range d.Report.Checks {
		built.Checks = append(built.Checks, templates.CheckView{ID: string(check.ID), State: string(check.State)})
	}
	built.Identity = identityView(d, built)
	built.Expected = expectedView(d, built)
	return built
}

// noneHere reports whether the address has no account, and what is shown is known by an identity. Where nothing may be
// said of a cause, nothing is said of this either.
func noneHere(r diagnosis.Report) bool {
	stops := func(a diagnosis.AccountReport) bool { return a.Ownership == diagnosis.ByAddress || a.Neutral() }
	return !r.Incomplete && len(r.Accounts) > 0 && !slices.ContainsFunc(r.Accounts, stops)
}

// instead is a proven address that the customer tried first and that has no account, where the one looked at has
// one. Where nothing may be said of a cause, nothing is said of this either.
func instead(d recovery.Diagnosis) string {
	own := func(a diagnosis.AccountReport) bool { return a.Ownership == diagnosis.ByAddress }
	if !slices.ContainsFunc(d.Report.Accounts, own) || slices.ContainsFunc(d.Report.Accounts, diagnosis.AccountReport.Neutral) {
		return ""
	}
	return d.NoAccountAt
}

// expectedView is what became of what the support agent expected; nil where there is nothing to say. What was
// expected is not named: a link may be opened by somebody who is not whom it was written for (R2). A page
// that says nothing of a cause says nothing of this either.
func expectedView(d recovery.Diagnosis, p templates.Situation) *templates.ExpectedView {
	found := situations(d)
	if !d.Case.Bound() || d.Case.Expected == "" || len(found) == 0 || p.Incomplete || p.AnyNeutral() {
		return nil
	}
	return &templates.ExpectedView{Other: !slices.Contains(found, d.Case.Expected)}
}

// layout is what the views of one page share.
type layout struct {
	diagnosis  recovery.Diagnosis
	hasText    func(id string) bool
	instead    string // see instead
	primary    diagnosis.Primary
	hasPrimary bool
}

func (l layout) account(a diagnosis.AccountReport) templates.AccountView {
	view := templates.AccountView{
		ID: a.Account.ID, Address: a.Account.Email, ByIdentity: a.Ownership == diagnosis.ByIdentity,
	}
	if !a.Neutral() {
		view.MadeAt, view.UsedAt = a.Account.CreatedAt, a.Account.LastSignInAt
	}
	var shown []diagnosis.Action
	for i, f := range a.Findings {
		// The hand-off is the way out of every finding; any other button stands once.
		actions := slices.DeleteFunc(slices.Clone(f.Actions), func(action diagnosis.Action) bool {
			return action != diagnosis.HandOff && slices.Contains(shown, action)
		})
		shown = append(shown, actions...)
		finding := l.finding(f, &a, actions)
		finding.After = i > 0 && f.Withheld()
		view.Findings = append(view.Findings, finding)
	}
	return view
}

// finding shows a finding of an account, or of the address itself where a is nil.
func (l layout) finding(f diagnosis.Finding, a *diagnosis.AccountReport, actions []diagnosis.Action) templates.FindingView {
	view := explained(f.Situation, l.hasText)
	view.At, view.From, view.Variant = f.Evidence.At, f.Evidence.From, f.Evidence.Variant
	accountID := ""
	if a != nil {
		accountID = a.Account.ID
		view.AccountAddress = a.Account.Email
		view.IdentityAddress = identityAddress(f, *a, l.diagnosis.Report.Address)
		view.Own = l.ownState(*a)
		view.Instead = l.instead
		view.Through = through(view, *a)
		view.Elsewhere = a.Ownership == diagnosis.ByIdentity
		view.Confirmed = f.ID == diagnosis.Ready && !view.Elsewhere && l.confirmed(accountID)
	}
	for _, action := range actions {
		shown := l.action(f.ID, accountID, action)
		if view.Elsewhere && action == diagnosis.EmailSignInLink {
			shown.Through = view.Through
		}
		view.Actions = append(view.Actions, shown)
	}
	return view
}

// confirmed reports whether the case mailed a confirmation of the account, which is confirmed now. The vendor's own mail
// doesn't tell for which account it was.
func (l layout) confirmed(accountID string) bool {
	return slices.ContainsFunc(l.diagnosis.Mailed, func(m recovery.Mailed) bool {
		return m.Kind == recovery.KindConfirm && m.AccountID == accountID
	})
}

// through is what its owner knows the identity by that opens the account; "" where none does. A report keeps the
// name of no other (R2).
func through(f templates.FindingView, a diagnosis.AccountReport) string {
	if !a.OpenedByIdentity {
		return ""
	}
	return cmp.Or(f.IdentityAddress, a.Account.Identity.Username)
}

// ownState says how an identity of the customer's stands to an account that is linked to none. Beside an account that
// nothing may be said of it says nothing: that one may be what the identity is linked to.
func (l layout) ownState(a diagnosis.AccountReport) string {
	switch {
	case a.Own == nil, slices.ContainsFunc(l.diagnosis.Report.Accounts, diagnosis.AccountReport.Neutral):
		return ""
	case a.Taken:
		return templates.OwnTaken
	}
	return templates.OwnKnown
}

// identityAddress is the address of the linked identity, or of the one to link, where it is established: the
// proven address itself, or that of an identity that the customer signed in to. A report keeps no other (R2).
func identityAddress(f diagnosis.Finding, a diagnosis.AccountReport, proven account.Address) string {
	identity := cmp.Or(a.Account.Identity, a.Own)
	if f.Neutral || identity == nil {
		return ""
	}
	theirs, err := account.ParseAddress(identity.Email)
	switch {
	case err != nil:
		return ""
	case theirs.Matches(proven):
		return proven.String()
	}
	return theirs.String()
}

// explained is what a situation is without a case: the part that its help page shows too.
func explained(s diagnosis.Situation, hasText func(id string) bool) templates.FindingView {
	return templates.FindingView{
		Situation:       string(s.ID),
		Drawing:         string(s.Drawing),
		Neutral:         s.Neutral,
		HasSupportSteps: hasText("situation." + string(s.ID) + ".support"),
		Proofs:          templates.IDs(s.Proofs),
		Needs:           templates.IDs(s.Needs),
	}
}

func (l layout) action(situation diagnosis.ID, accountID string, a diagnosis.Action) templates.ActionView {
	first := diagnosis.Primary{AccountID: accountID, Situation: situation, Action: a}
	return templates.ActionView{
		ID: string(a), AccountID: accountID, Primary: l.hasPrimary && l.primary == first,
		Mailed: l.mailed(accountID, a),
	}
}

func (l layout) atAddress(accountID string) bool {
	return slices.ContainsFunc(l.diagnosis.Report.Accounts, func(a diagnosis.AccountReport) bool {
		return a.Account.ID == accountID && a.Ownership == diagnosis.ByAddress
	})
}

// mailedBy says which mail an action sends.
var mailedBy = map[diagnosis.Action]recovery.Kind{
	diagnosis.EmailSignInLink:    recovery.KindSignIn,
	diagnosis.ResendConfirmation: recovery.KindConfirm,
}

// mailed is what became of the mail that the action sent last. Of one that the vendor mailed it is not kept for which
// account: it counts for those at the address.
func (l layout) mailed(accountID string, a diagnosis.Action) *templates.MailedView {
	kind, ok := mailedBy[a]
	if !ok {
		return nil
	}
	for _, m := range l.diagnosis.Mailed {
		if m.Kind == kind && (m.AccountID == accountID || m.AccountID == "" && l.atAddress(accountID)) {
			return &templates.MailedView{State: string(m.State), At: m.At}
		}
	}
	return nil
}
