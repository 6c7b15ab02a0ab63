package diagnosis_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

func TestWhatProvesTroubleWithBillingAccounts(t *testing.T) {
	is := func(ids ...diagnosis.ID) []diagnosis.ID { return ids }
	invited := func(billing, state string, age time.Duration) func(subject) {
		return func(w subject) { w.Facts.Invitations = invitedTo(billing, state, age) }
	}
	outside := func(change func(subject)) func(subject) {
		return func(w subject) { w.BillingAccounts = nil; change(w) }
	}
	noted := func(billing, state string, age time.Duration) func(subject) {
		return func(w subject) {
			w.Account.Invitations = []account.Invitation{{BillingAccount: billing, State: state, CreatedAt: now.Add(-age)}}
		}
	}
	contact := func(billing, relation string) func(subject) {
		return func(w subject) { w.Contacts = contactOf(billing, relation) }
	}
	nothing := func(subject) {}
	open, expired, accepted := account.InvitationOpen, account.InvitationExpired, account.InvitationAccepted
	for _, tt := range []struct {
		proof
		variant string
	}{
		{proof{"no membership", outside(nothing), is(diagnosis.NoBillingAccess)}, ""},
		{proof{"no membership, not confirmed", outside(func(w subject) { w.ConfirmedAt = time.Time{} }), is(diagnosis.Unconfirmed)}, ""},
		{proof{"no membership, a Bill To contact", outside(contact("B-2", account.RelationBillTo)), is(diagnosis.NoBillingAccess)}, ""},
		{proof{"no membership, invitations not known", outside(func(w subject) {
			w.Facts.Invitations = diagnosis.NoAnswer[[]account.BillingRelation]()
		}), is(diagnosis.NoBillingAccess)}, ""},

		{proof{"invited", outside(invited("B-2", open, hour)), is(diagnosis.InvitationPending)}, "open"},
		{proof{"invited, as the account says", outside(noted("B-2", open, hour)), is(diagnosis.InvitationPending)}, "open"},
		{proof{"invited seven days ago", outside(invited("B-2", open, 7*day)), is(diagnosis.InvitationPending)}, "open"},
		{proof{"invited before that, and called open", outside(invited("B-2", open, 7*day+hour)), is(diagnosis.InvitationPending)}, "expired"},
		{proof{"invited, and called expired", outside(invited("B-2", expired, day)), is(diagnosis.InvitationPending)}, "expired"},
		{proof{"invited long ago and lately", outside(func(w subject) {
			noted("B-2", open, hour)(w)
			invited("B-3", expired, 90*day)(w)
		}), is(diagnosis.InvitationPending)}, "open"},
		{proof{"the invitation was accepted", outside(invited("B-2", accepted, day)), is(diagnosis.NoBillingAccess)}, ""},
		{proof{"invited, in a state that is not known", outside(invited("B-2", "lost", day)), is(diagnosis.NoBillingAccess)}, ""},

		{proof{"a member, and invited elsewhere", invited("B-2", open, hour), is(diagnosis.TwoBillingAccounts)}, "invitation"},
		{proof{"a member, and invited elsewhere, as the account says", noted("B-2", open, hour), is(diagnosis.TwoBillingAccounts)}, "invitation"},
		{proof{"a member, and invited there", invited("B-1", open, hour), is(diagnosis.Ready)}, ""},
		{proof{"a member, and invited elsewhere long ago", invited("B-2", open, 8*day), is(diagnosis.Ready)}, ""},
		{proof{"a member, and an invitation elsewhere was accepted", invited("B-2", accepted, day), is(diagnosis.Ready)}, ""},
		{proof{"a member, and invited to nothing", invited("", open, hour), is(diagnosis.Ready)}, ""},
		{proof{"a member, and Sold To elsewhere", contact("B-2", account.RelationSoldTo), is(diagnosis.TwoBillingAccounts)}, "sold-to"},
		{proof{"a member, and Sold To there", contact("B-1", account.RelationSoldTo), is(diagnosis.Ready)}, ""},
		{proof{"a member, and Bill To elsewhere", contact("B-2", account.RelationBillTo), is(diagnosis.Ready)}, ""},
		{proof{"a member, contacts not known", func(w subject) {
			w.Contacts = diagnosis.Known[[]account.BillingRelation]{
				Value: contactOf("B-2", account.RelationSoldTo).Value, Asked: true, Failed: true,
			}
		}, is(diagnosis.Ready)}, ""},

		{proof{"through a reseller", func(w subject) { w.Origin = account.OriginReseller }, is(diagnosis.ResellerPurchase)}, ""},
		{proof{"through a reseller, never linked", func(w subject) {
			w.Origin, w.Identity = account.OriginReseller, nil
		}, is(diagnosis.UnlinkedLegacy, diagnosis.ResellerPurchase)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.check(t)[0].Evidence; got.Variant != tt.variant {
				t.Errorf("variant %q, want %q", got.Variant, tt.variant)
			}
		})
	}
}

// Without an account, an invitation says what to make one for.
func TestAnInvitationWithoutAnAccount(t *testing.T) {
	for _, tt := range []struct {
		name        string
		invitations diagnosis.Known[[]account.BillingRelation]
		want        []diagnosis.ID
	}{
		{"open", invitedTo("B-2", account.InvitationOpen, hour), []diagnosis.ID{diagnosis.DifferentEmail, diagnosis.InvitationPending}},
		{"over", invitedTo("B-2", account.InvitationExpired, 30*day), []diagnosis.ID{diagnosis.DifferentEmail, diagnosis.InvitationPending}},
		{"accepted", invitedTo("B-2", account.InvitationAccepted, day), []diagnosis.ID{diagnosis.DifferentEmail}},
		{"not known", diagnosis.NoAnswer[[]account.BillingRelation](), []diagnosis.ID{diagnosis.DifferentEmail}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t)
			f.Invitations = tt.invitations
			r := diagnosis.Diagnose(f)
			if got := ids(r.General); !slices.Equal(got, tt.want) {
				t.Fatalf("found %v, want %v", got, tt.want)
			}
			for _, found := range r.General[1:] {
				if want := []diagnosis.Action{diagnosis.HandOff}; found.Evidence.Variant != "no-account" || !slices.Equal(found.Actions, want) {
					t.Errorf("%s: variant %q offers %v, want %v", found.ID, found.Evidence.Variant, found.Actions, want)
				}
			}
		})
	}
}

// The second billing account is named to nobody: not in the evidence, not in the account (R2).
func TestASecondBillingAccountIsNotNamed(t *testing.T) {
	const secret = "B-SECRET"
	for name, change := range map[string]func(subject){
		"invited": func(w subject) { w.Facts.Invitations = invitedTo(secret, account.InvitationOpen, hour) },
		"invited, noted": func(w subject) {
			w.Account.Invitations = []account.Invitation{{BillingAccount: secret, State: "open", CreatedAt: now}}
		},
		"Sold To": func(w subject) { w.Contacts = contactOf(secret, account.RelationSoldTo) },
		"not a member yet": func(w subject) {
			w.BillingAccounts, w.Facts.Invitations = nil, invitedTo(secret, account.InvitationOpen, hour)
		},
		"a contact": func(w subject) { w.BillingAccounts, w.Contacts = nil, contactOf(secret, account.RelationSoldTo) },
	} {
		a, f := sound(), facts(t)
		change(subject{&a, &f})
		f.Accounts = diagnosis.Answer([]account.Account{a})
		r := diagnosis.Diagnose(f)
		if slices.Equal(ids(r.Accounts[0].Findings), []diagnosis.ID{diagnosis.Ready}) {
			t.Errorf("%s: nothing was found", name)
		}
		if text := shown(t, r); strings.Contains(text, secret) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// Two accounts of one customer, each in a billing account of its own: neither is a second one that waits.
func TestWhatAnAccountOfOnesOwnBelongsToIsNotElsewhere(t *testing.T) {
	w := newWorld(t)
	second := sound()
	second.ID, second.BillingAccounts = "2", []account.Membership{{ID: "B-2"}}
	w.second = &second
	w.facts.Contacts = contactOf("B-2", account.RelationSoldTo)
	for _, a := range diagnosis.Diagnose(w.known()).Accounts {
		for _, id := range ids(a.Findings) {
			if id == diagnosis.TwoBillingAccounts {
				t.Errorf("account %s is said to be wanted by a second billing account", a.Account.ID)
			}
		}
	}
}

// A confirmation that the portal mails does not reach an address that the portal's mail is kept from; one
// that Latchkey mails does.
func TestConfirmationIsOfferedWhereItArrives(t *testing.T) {
	for _, tt := range []struct{ portalConfirms, suppressed, want bool }{
		{true, true, false}, {true, false, true}, {false, true, true}, {false, false, true},
	} {
		w := newWorld(t)
		w.own.ConfirmedAt = time.Time{}
		w.facts.PortalConfirms = tt.portalConfirms
		if tt.suppressed {
			w.facts.Suppressions = suppressed(account.ListBounces)
		}
		if got := diagnosis.Diagnose(w.known()).Allows(w.own.ID, diagnosis.ResendConfirmation); got != tt.want {
			t.Errorf("%+v: offered %t", tt, got)
		}
	}
}
