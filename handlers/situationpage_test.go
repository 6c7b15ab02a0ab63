package handlers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

var now = time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)

// fine is an account that nothing is wrong with.
func fine(id, email string) account.Account {
	return account.Account{
		ID: id, Email: email, CreatedAt: now, ConfirmedAt: now, SignInEnabled: true, Origin: account.OriginSelfService,
		Identity: &account.Identity{
			Provider: "gitlab", Subject: "s" + id, Username: "u" + id, Email: email, EmailVerified: true,
			State: account.IdentityActive, PasswordEnabled: true,
		},
		BillingAccounts: []account.Membership{{ID: "b", Name: "Billing"}},
	}
}

// diagnosed is what recovery hands over for these accounts at the address.
func diagnosed(t *testing.T, address string, accounts, linked []account.Account) recovery.Diagnosis {
	t.Helper()
	a, err := account.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return recovery.Diagnosis{Address: address, Report: diagnosis.Diagnose(diagnosis.Facts{
		Address: a, Now: now, Accounts: diagnosis.Answer(accounts), Linked: diagnosis.Answer(linked),
		Resets: diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)}),
	})}
}

func noText(string) bool { return false }

func actionsOf(p templates.Situation) (all []templates.ActionView) {
	findings := p.General
	for _, a := range p.Accounts {
		findings = append(findings, a.Findings...)
	}
	for _, f := range findings {
		all = append(all, f.Actions...)
	}
	return all
}

func TestSituationPageHasOnePrimaryButton(t *testing.T) {
	unlinked := fine("1", "a@example.com")
	unlinked.Identity, unlinked.Origin = nil, account.OriginLegacy
	for name, d := range map[string]recovery.Diagnosis{
		"nobody":       diagnosed(t, "a@example.com", nil, nil),
		"one account":  diagnosed(t, "a@example.com", []account.Account{unlinked}, nil),
		"two accounts": diagnosed(t, "a@example.com", []account.Account{unlinked, fine("2", "a@example.com")}, nil),
	} {
		primary := 0
		for _, a := range actionsOf(newSituationPage(d, noText)) {
			if a.Primary {
				primary++
			}
		}
		if primary != 1 {
			t.Errorf("%s: %d primary buttons, want 1", name, primary)
		}
	}
}

func TestAnAccountsButtonStandsOnce(t *testing.T) {
	unlinked := fine("1", "a@example.com") // and a reset at the wrong site: both offer to sign in
	unlinked.Identity, unlinked.Origin = nil, account.OriginLegacy
	p := newSituationPage(diagnosed(t, "a@example.com", []account.Account{unlinked}, nil), noText)
	if n := len(p.Accounts[0].Findings); n < 2 {
		t.Fatalf("%d findings, want two that stack", n)
	}
	seen, handOffs := map[string]int{}, 0
	for _, a := range actionsOf(p) {
		if a.ID == string(diagnosis.HandOff) {
			handOffs++
			continue
		}
		if seen[a.ID]++; seen[a.ID] > 1 {
			t.Errorf("%s stands %d times", a.ID, seen[a.ID])
		}
	}
	if handOffs != len(p.Accounts[0].Findings) {
		t.Errorf("%d hand-offs, want one a finding", handOffs)
	}
}

// The words of a finding say what to do now, such as to sign in. Where another finding forbids just that, the
// page has to say that its turn comes later.
func TestWhatHasToWaitSaysSo(t *testing.T) {
	unconfirmed := fine("1", "a@example.com") // and a reset at the wrong site, which says to sign in
	unconfirmed.ConfirmedAt = time.Time{}
	unlinked := fine("2", "a@example.com")
	unlinked.Identity, unlinked.Origin = nil, account.OriginLegacy
	for _, tt := range []struct {
		a    account.Account
		want []bool
	}{{unconfirmed, []bool{false, true}}, {unlinked, []bool{false, false}}} {
		p := newSituationPage(diagnosed(t, "a@example.com", []account.Account{tt.a}, nil), noText)
		var got []bool
		for _, f := range p.Accounts[0].Findings {
			got = append(got, f.After)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("account %s: findings that wait %v, want %v", tt.a.ID, got, tt.want)
		}
	}
}

func TestIdentityAddressIsTheProvenOneOrNone(t *testing.T) {
	mismatch := fine("1", "a@example.com")
	mismatch.Identity.Email = "secret@elsewhere.example"
	byIdentity := fine("2", "owner@elsewhere.example")
	byIdentity.Identity.Email = "a@example.com"
	disabled := fine("3", "a@example.com")
	disabled.SignInEnabled = false
	for _, tt := range []struct {
		name string
		d    recovery.Diagnosis
		want string
	}{
		{"own account, identity with another email", diagnosed(t, "a@example.com", []account.Account{mismatch}, nil), ""},
		{"account of the proven identity", diagnosed(t, "a@example.com", nil, []account.Account{byIdentity}), "a@example.com"},
		{"neutral", diagnosed(t, "a@example.com", []account.Account{disabled}, nil), ""},
	} {
		p := newSituationPage(tt.d, noText)
		for _, f := range p.Accounts[0].Findings {
			if f.IdentityAddress != tt.want {
				t.Errorf("%s: %s shows identity %q, want %q", tt.name, f.Situation, f.IdentityAddress, tt.want)
			}
		}
	}
}

func TestNeutralFindingSaysNothingElse(t *testing.T) {
	disabled := fine("1", "a@example.com")
	disabled.SignInEnabled, disabled.ConfirmedAt = false, time.Time{}
	p := newSituationPage(diagnosed(t, "a@example.com", []account.Account{disabled}, nil), noText)
	if len(p.Accounts[0].Findings) != 1 || !p.Accounts[0].Findings[0].Neutral || len(p.Checks) != 0 {
		t.Errorf("findings %+v and checks %v, want one neutral finding alone", p.Accounts[0].Findings, p.Checks)
	}
	for _, a := range actionsOf(p) {
		if a.ID != string(diagnosis.HandOff) {
			t.Errorf("%s is offered, want the hand-off alone", a.ID)
		}
	}
	if p.AllRight {
		t.Error("the page says that everything is right")
	}
}

func TestAllRight(t *testing.T) {
	quiet := func(d recovery.Diagnosis) recovery.Diagnosis {
		f := diagnosis.Facts{Address: d.Report.Address, Now: now, Linked: diagnosis.Answer[[]account.Account](nil)}
		f.Accounts = diagnosis.Answer([]account.Account{fine("1", "a@example.com")})
		d.Report = diagnosis.Diagnose(f)
		return d
	}
	right := quiet(diagnosed(t, "a@example.com", nil, nil))
	if !newSituationPage(right, noText).AllRight {
		t.Error("a ready account is not all right")
	}
	reset := diagnosed(t, "a@example.com", []account.Account{fine("1", "a@example.com")}, nil)
	if newSituationPage(reset, noText).AllRight {
		t.Error("a reset on the wrong site is all right")
	}
	if newSituationPage(diagnosed(t, "a@example.com", nil, nil), noText).AllRight {
		t.Error("no account is all right")
	}
	right.Report.Incomplete = true
	if newSituationPage(right, noText).AllRight {
		t.Error("an incomplete report is all right")
	}
}

func TestMailedStandsAtItsAccountAndAction(t *testing.T) {
	unconfirmed := fine("3", "a@example.com")
	unconfirmed.ConfirmedAt = time.Time{}
	d := diagnosed(t, "a@example.com", []account.Account{unconfirmed, fine("2", "a@example.com")}, nil)
	d.Mailed = []recovery.Mailed{{Kind: recovery.KindConfirm, AccountID: "3", State: recovery.StateAccepted, At: now}}
	for _, a := range actionsOf(newSituationPage(d, noText)) {
		want := a.ID == string(diagnosis.ResendConfirmation) && a.AccountID == "3"
		if got := a.Mailed != nil; got != want {
			t.Errorf("%s of account %q is shown as mailed: %v, want %v", a.ID, a.AccountID, got, want)
		}
	}
}

func TestEverySituationIsExplained(t *testing.T) {
	for _, s := range diagnosis.All() {
		asked := ""
		f := explained(s, func(id string) bool { asked = id; return true })
		if f.Situation != string(s.ID) || !f.HasSupportSteps || !strings.Contains(asked, string(s.ID)) {
			t.Errorf("%s is explained as %+v, support steps asked for as %q", s.ID, f, asked)
		}
		if f.AccountAddress+f.IdentityAddress != "" || len(f.Actions) != 0 {
			t.Errorf("%s: help shows addresses or actions: %+v", s.ID, f)
		}
	}
}

func TestSupportPageListsEachSituationOnce(t *testing.T) {
	d := diagnosed(t, "a@example.com", []account.Account{fine("1", "a@example.com"), fine("2", "a@example.com")}, nil)
	p := newSupportPage(recovery.HandOffView{Diagnosis: d}, "typed")
	if want := []string{"several-accounts", "reset-on-wrong-site"}; !slices.Equal(p.Situations, want) || p.Message != "typed" || p.Filed {
		t.Errorf("support page is %+v, want %v once and what was typed", p, want)
	}
	filed := newSupportPage(recovery.HandOffView{Diagnosis: d, Filed: &recovery.HandOff{Message: "sent", CreatedAt: now}}, "typed")
	if !filed.Filed || filed.Message != "sent" || filed.FiledAt != now {
		t.Errorf("filed support page is %+v, want what was sent", filed)
	}
}

// withOwn is what recovery hands over for a customer who signed in to an identity.
func withOwn(t *testing.T, address string, own recovery.IdentityProof, accounts, linked []account.Account) recovery.Diagnosis {
	t.Helper()
	d := diagnosed(t, address, nil, nil)
	d.Identities = []recovery.IdentityProof{own}
	d.Report = diagnosis.Diagnose(diagnosis.Facts{
		Address: d.Report.Address, Now: now, Accounts: diagnosis.Answer(accounts), Linked: diagnosis.Answer(linked),
		OwnIdentities: []account.Identity{{Provider: own.Provider, Subject: own.Subject, Email: own.Email, EmailVerified: own.Email != ""}},
	})
	return d
}

// The way in by the customer's own identity stands before a link to a mailbox that they may not read, by the
// identity's address or, where that is not known, its name. At their own address one button is easier.
func TestTheWayInByTheIdentityComesFirst(t *testing.T) {
	linked := fine("2", "owner@elsewhere.example")
	linked.Identity.Email = "a@example.com"
	locked := fine("3", "locked@elsewhere.example")
	locked.Identity.Email, locked.Identity.State = "a@example.com", account.IdentityLocked
	mine := recovery.IdentityProof{Provider: "gitlab", Subject: "s2", Email: "mine@example.net"}
	nameless := mine
	nameless.Email = ""
	for _, tt := range []struct {
		name, email string // of the identity; and before the link
		link        string
		d           recovery.Diagnosis
	}{
		{"its email is proven", "a@example.com", "a@example.com", diagnosed(t, "a@example.com", nil, []account.Account{linked})},
		{"signed in to it", "mine@example.net", "mine@example.net", withOwn(t, "b@example.com", mine, nil, []account.Account{linked})},
		{"signed in to it, no email", "u2", "u2", withOwn(t, "b@example.com", nameless, nil, []account.Account{linked})},
		{"it is locked", "", "", diagnosed(t, "a@example.com", nil, []account.Account{locked})},
		{"at their own address", "a@example.com", "", diagnosed(t, "a@example.com", []account.Account{fine("1", "a@example.com")}, nil)},
		{"at their own address, with another email", "mine@example.net", "", withOwn(t, linked.Email, mine, []account.Account{linked}, nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newSituationPage(tt.d, noText)
			for _, f := range p.Accounts[0].Findings {
				if f.Through != tt.email || f.Elsewhere != (tt.d.Report.Accounts[0].Ownership == diagnosis.ByIdentity) {
					t.Errorf("%s is told the way in by %q, elsewhere %t; want %q", f.Situation, f.Through, f.Elsewhere, tt.email)
				}
				for _, a := range f.Actions {
					if want := map[bool]string{true: tt.link}[a.ID == string(diagnosis.EmailSignInLink)]; a.Through != want {
						t.Errorf("before %s comes %q, want %q", a.ID, a.Through, want)
					}
				}
			}
		})
	}
}

// What is known of the customer's identity is known on the whole page.
func TestAnAccountWithoutALinkKnowsTheIdentity(t *testing.T) {
	unlinked, linked := fine("1", "a@example.com"), fine("2", "owner@elsewhere.example")
	unlinked.Identity, linked.Identity.Email = nil, "a@example.com"
	mine := recovery.IdentityProof{Provider: "gitlab", Subject: "s9", Email: "mine@example.net"}
	for _, tt := range []struct {
		name, own, address string
		known              bool
		d                  recovery.Diagnosis
	}{
		{"none", "", "", false, diagnosed(t, "a@example.com", []account.Account{unlinked}, nil)},
		{"one that is taken", templates.OwnTaken, "a@example.com", true, diagnosed(t, "a@example.com", []account.Account{unlinked}, []account.Account{linked})},
		{"one that is free", templates.OwnKnown, "mine@example.net", true, withOwn(t, "a@example.com", mine, []account.Account{unlinked}, nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.d.CanProveIdentity = true
			p := newSituationPage(tt.d, noText)
			for _, f := range p.Accounts[0].Findings {
				if f.Own != tt.own || f.IdentityAddress != tt.address {
					t.Errorf("%s knows %q at %q, want %q at %q", f.Situation, f.Own, f.IdentityAddress, tt.own, tt.address)
				}
			}
			if p.Identity == nil || p.Identity.Known != tt.known {
				t.Errorf("of the identity the page says %+v, want it known: %t", p.Identity, tt.known)
			}
		})
	}
}

// Only the account that was mailed a confirmation is said to be confirmed now. Of one that is known by an identity
// nothing of the kind is said: its mailbox is not the one that was proven.
func TestTheAccountThatWasConfirmedIsSaidToBe(t *testing.T) {
	one, two, linked := fine("1", "a@example.com"), fine("2", "a@example.com"), fine("3", "owner@elsewhere.example")
	at, err := account.ParseAddress("a@example.com")
	if err != nil {
		t.Fatal(err)
	}
	here := diagnosis.Facts{Address: at, Now: now, Accounts: diagnosis.Answer([]account.Account{one, two})}
	there := diagnosis.Facts{
		Address: at, Now: now, Accounts: diagnosis.Answer[[]account.Account](nil),
		Linked: diagnosis.Answer([]account.Account{linked}), OwnIdentities: []account.Identity{*linked.Identity},
	}
	for _, tt := range []struct {
		name   string
		facts  diagnosis.Facts
		mailed recovery.Mailed
		want   map[string]bool
	}{
		{"of the first", here, recovery.Mailed{Kind: recovery.KindConfirm, AccountID: "1"}, map[string]bool{"1": true}},
		{"the vendor's, of one of them", here, recovery.Mailed{Kind: recovery.KindConfirm}, nil},
		{"a sign-in link", here, recovery.Mailed{Kind: recovery.KindSignIn, AccountID: "1"}, nil},
		{"known by an identity", there, recovery.Mailed{Kind: recovery.KindConfirm, AccountID: "3"}, nil},
	} {
		d := recovery.Diagnosis{Mailed: []recovery.Mailed{tt.mailed}, Report: diagnosis.Diagnose(tt.facts)}
		for _, a := range newSituationPage(d, noText).Accounts {
			for _, f := range a.Findings {
				if f.Confirmed != tt.want[a.ID] {
					t.Errorf("%s: account %s is said to be confirmed now: %t", tt.name, a.ID, f.Confirmed)
				}
			}
		}
	}
}

// That the address has no account is said where all that is shown is known by an identity, and something may be said.
func TestAnAddressWithoutAnAccountIsSaidToHaveNone(t *testing.T) {
	linked, off := fine("2", "owner@elsewhere.example"), fine("3", "owner@elsewhere.example")
	linked.Identity.Email, off.Identity.Email, off.SignInEnabled = "a@example.com", "a@example.com", false
	here := fine("1", "a@example.com")
	for name, tt := range map[string]struct {
		d    recovery.Diagnosis
		want bool
	}{
		"an account here":               {diagnosed(t, "a@example.com", []account.Account{here}, nil), false},
		"none at all":                   {diagnosed(t, "a@example.com", nil, nil), false},
		"one that the identity has":     {diagnosed(t, "a@example.com", nil, []account.Account{linked}), true},
		"one here, one of the identity": {diagnosed(t, "a@example.com", []account.Account{here}, []account.Account{linked}), false},
		"nothing may be said of it":     {diagnosed(t, "a@example.com", nil, []account.Account{off}), false},
	} {
		if got := newSituationPage(tt.d, noText).NoneHere; got != tt.want {
			t.Errorf("%s: said %t, want %t", name, got, tt.want)
		}
	}
}

// The address that was tried first is named where the account is under this one, and where something may be said.
func TestTheAddressTriedFirstIsNamed(t *testing.T) {
	off, linked := fine("1", "a@example.com"), fine("2", "owner@elsewhere.example")
	off.SignInEnabled, linked.Identity.Email = false, "a@example.com"
	for name, tt := range map[string]struct {
		d    recovery.Diagnosis
		want string
	}{
		"an account here":            {diagnosed(t, "a@example.com", []account.Account{fine("1", "a@example.com")}, nil), "a_@example.com"},
		"none here either":           {diagnosed(t, "a@example.com", nil, nil), ""},
		"one that the identity has":  {diagnosed(t, "a@example.com", nil, []account.Account{linked}), ""},
		"nothing may be said of one": {diagnosed(t, "a@example.com", []account.Account{off}, nil), ""},
	} {
		tt.d.NoAccountAt = "a_@example.com"
		p := newSituationPage(tt.d, noText)
		if p.Instead != tt.want {
			t.Errorf("%s: the page names %q, want %q", name, p.Instead, tt.want)
		}
		for _, a := range p.Accounts {
			for _, f := range a.Findings {
				if f.Instead != tt.want {
					t.Errorf("%s: %s names %q, want %q", name, f.Situation, f.Instead, tt.want)
				}
			}
		}
	}
}

// When an account was made and used tells it from another; of one of which nothing may be said it would tell too
// much.
func TestAccountsAreToldApart(t *testing.T) {
	off, on := fine("1", "a@example.com"), fine("2", "a@example.com")
	off.SignInEnabled, off.LastSignInAt = false, now
	on.LastSignInAt = now.Add(-time.Hour)
	for _, a := range newSituationPage(diagnosed(t, "a@example.com", []account.Account{off, on}, nil), noText).Accounts {
		made, used := now, on.LastSignInAt
		if a.ID == off.ID {
			made, used = time.Time{}, time.Time{}
		}
		if a.MadeAt != made || a.UsedAt != used {
			t.Errorf("account %s was made at %v and used at %v, want %v and %v", a.ID, a.MadeAt, a.UsedAt, made, used)
		}
	}
}

// What an identity of the customer's is linked to is not said where that may be an account of which nothing may be said.
func TestBesideANeutralAccountNothingIsSaidOfTheIdentity(t *testing.T) {
	unlinked := fine("1", "a@example.com")
	unlinked.Identity = nil
	other := fine("2", "b@example.com")
	other.Identity.Email = "a@example.com"
	disabled := other
	disabled.SignInEnabled = false
	for name, tt := range map[string]struct {
		linked account.Account
		want   string
	}{
		"in use": {other, templates.OwnTaken}, "disabled": {disabled, ""},
	} {
		d := diagnosed(t, "a@example.com", []account.Account{unlinked}, []account.Account{tt.linked})
		l := layout{diagnosis: d, hasText: func(string) bool { return false }}
		for _, a := range d.Report.Accounts {
			if got := l.ownState(a); a.Account.ID == "1" && got != tt.want {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
	}
}

// Of a confirmation that the vendor mailed it is not kept for which account: it counts for those at the address.
func TestTheVendorsMailCountsForTheAddress(t *testing.T) {
	own, theirs := fine("1", "a@example.com"), fine("2", "b@example.com")
	own.ConfirmedAt, theirs.ConfirmedAt = time.Time{}, time.Time{}
	theirs.Identity.Email = "a@example.com"
	d := diagnosed(t, "a@example.com", []account.Account{own}, []account.Account{theirs})
	d.Mailed = []recovery.Mailed{{Kind: recovery.KindConfirm, State: recovery.StateAccepted, At: now}}
	l := layout{diagnosis: d}
	if len(d.Report.Accounts) != 2 || l.mailed("1", diagnosis.ResendConfirmation) == nil || l.mailed("2", diagnosis.ResendConfirmation) != nil {
		t.Errorf("%d accounts; mailed: %v and %v", len(d.Report.Accounts), l.mailed("1", diagnosis.ResendConfirmation), l.mailed("2", diagnosis.ResendConfirmation))
	}
}

// What an identity of theirs is linked to is said where it is certain, and nothing of it beside an account that may not
// be spoken of.
func TestWhatIsSaidOfTheirIdentity(t *testing.T) {
	mine := recovery.IdentityProof{Provider: "gitlab", Subject: "s1", Email: "mine@example.net"}
	linked, disabled, namesake, unlinked := fine("1", "a@example.com"), fine("1", "a@example.com"), fine("1", "a@example.com"), fine("2", "a@example.com")
	disabled.SignInEnabled, namesake.Identity.Provider, unlinked.Identity = false, "github", nil
	unanswered := func() recovery.Diagnosis {
		d := withOwn(t, "a@example.com", mine, []account.Account{unlinked}, nil)
		d.Report = diagnosis.Diagnose(diagnosis.Facts{
			Address: d.Report.Address, Now: now, Accounts: diagnosis.Answer([]account.Account{unlinked}),
			Linked:        diagnosis.NoAnswer[[]account.Account](),
			OwnIdentities: []account.Identity{{Provider: mine.Provider, Subject: mine.Subject, Email: mine.Email, EmailVerified: true}},
		})
		return d
	}
	for _, tt := range []struct {
		name           string
		d              recovery.Diagnosis
		said, unlinked bool
	}{
		{"of an account that may not be spoken of", withOwn(t, "a@example.com", mine, []account.Account{disabled}, nil), false, false},
		{"of this account", withOwn(t, "a@example.com", mine, []account.Account{linked}, nil), true, false},
		{"of none", withOwn(t, "a@example.com", mine, []account.Account{unlinked}, nil), true, true},
		{"another provider's, by the same id", withOwn(t, "a@example.com", mine, []account.Account{namesake}, nil), true, true},
		{"of none that was told", unanswered(), true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			view := newSituationPage(tt.d, noText).Identity
			if (view != nil) != tt.said {
				t.Fatalf("the page says %+v of it", view)
			}
			if view != nil && (len(view.Own) != 1 || view.Own[0].Unlinked != tt.unlinked) {
				t.Errorf("the page says %+v, want it unlinked: %t", view.Own, tt.unlinked)
			}
		})
	}
}
