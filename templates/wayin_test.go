package templates_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

// byIdentity is a finding of an account at another address, which the customer's identity opens.
func byIdentity(situation string) templates.FindingView {
	s, _ := diagnosis.ByID(diagnosis.ID(situation))
	link := templates.ActionView{ID: "email-sign-in-link", AccountID: "7", Primary: true, Through: "me@gitlab.example"}
	f := finding(situation, string(s.Drawing), link, action("hand-off"))
	f.IdentityAddress, f.Through, f.Elsewhere = "me@gitlab.example", "me@gitlab.example", true
	return f
}

func ofAccounts(findings ...templates.FindingView) templates.Situation {
	p := templates.Situation{Base: sampleBase("/situation"), Address: "me@gitlab.example"}
	for i, f := range findings {
		p.Accounts = append(p.Accounts, templates.AccountView{
			ID: string(rune('7' + i)), Address: f.AccountAddress, ByIdentity: f.Elsewhere, Findings: []templates.FindingView{f},
		})
	}
	return p
}

var stepsMarkup = regexp.MustCompile(`(?s)<ol class="steps">(.*?)</ol>`)

// The easy way in is the page's first button and its first step; the link to the account's own mailbox is the
// second, and who can't open that one is led to support.
func TestTheWayInByTheIdentityIsTheFirstAdvice(t *testing.T) {
	r := renderer(t)
	for _, id := range []string{"ready", "linked-email-mismatch", "identity-linked-elsewhere"} {
		f := byIdentity(id)
		source := page(t, r, ofAccounts(f))
		portal := strings.Index(source, `<a class="button" href="https://customers.example.com" data-action="open-portal"`)
		link := strings.Index(source, `data-action="email-sign-in-link"`)
		if portal < 0 || link < portal || !strings.Contains(source[link:], `<button type="submit" class="quiet"`) {
			t.Errorf("%s: the portal's button is at %d, the link's at %d and not a quiet one", id, portal, link)
		}
		steps := strings.Split(stepsMarkup.FindString(source), "<li>")[1:]
		if !strings.Contains(steps[0], "Continue with GitLab.com account") || !strings.Contains(steps[0], "me@gitlab.example") {
			t.Errorf("%s: the first step is %s", id, steps[0])
		}
		if !strings.Contains(steps[1], f.AccountAddress) || !strings.Contains(strings.Join(steps[2:], ""), `t open that mailbox, <a href="/support">`) {
			t.Errorf("%s: the steps that follow are %q", id, steps[1:])
		}
		f.Through, f.Actions[0].Through = "", ""
		source = page(t, r, ofAccounts(f))
		if strings.Contains(source, "open-portal") || strings.Contains(source, "you are in this account at once") {
			t.Errorf("%s: the way in is told where it is not open", id)
		}
	}
}

// A portal without an address to lead to leaves the mailed link first.
func TestNoButtonLeadsNowhere(t *testing.T) {
	site := sampleSite
	site.PortalURL = ""
	r, err := templates.New(templates.Options{Site: site, Asset: asset})
	if err != nil {
		t.Fatal(err)
	}
	source := page(t, r, ofAccounts(byIdentity("linked-email-mismatch")))
	if strings.Contains(source, "open-portal") || !strings.Contains(source, `<button type="submit" aria-describedby="email-sign-in-link-`) {
		t.Error("a button leads to no portal, or none is the primary one")
	}
}

// Of an identity that is shown to be the customer's nothing is said to be somebody else's.
func TestAKnownIdentityIsNoColleagues(t *testing.T) {
	f := byIdentity("linked-email-mismatch")
	for _, tt := range []struct {
		address, through string
		want             bool
	}{{"", "", true}, {"me@gitlab.example", "", false}, {"", "me", false}} {
		f.IdentityAddress, f.Through = tt.address, tt.through
		source := page(t, renderer(t), ofAccounts(f))
		if got := strings.Contains(source, "a colleague’s"); got != tt.want || got != strings.Contains(source, "knows one GitLab.com account as yours") {
			t.Errorf("of the identity %q, by %q, it is said to be a colleague's: %t", tt.address, tt.through, got)
		}
	}
}

// Linking is a step where it can work; the identity that is known is named.
func TestLinkingAnIdentityThatIsTakenIsNoStep(t *testing.T) {
	for _, id := range []string{"unlinked-legacy", "unlinked-sales", "owner-left"} {
		f := sampleFindings[id]
		f.Variant = map[string]string{"owner-left": "unlinked"}[id]
		f.Drawing, f.IdentityAddress = "missing", "me@gitlab.example"
		for own, refused := range map[string]bool{templates.OwnKnown: false, templates.OwnTaken: true} {
			f.Own = own
			source := page(t, renderer(t), ofAccounts(f))
			steps := stepsMarkup.FindString(source)
			if got := strings.Contains(steps, "so linking it to this one is refused"); got != refused || !strings.Contains(steps, "me@gitlab.example") {
				t.Errorf("%s, %s: the steps are %s", id, own, steps)
			}
			if !strings.Contains(source, "<b>GitLab.com account</b><span>me@gitlab.example</span>") {
				t.Errorf("%s, %s: the drawing doesn't name the identity", id, own)
			}
			for _, wrong := range []string{"not known here yet", "Nobody can know", "which GitLab.com account is yours"} {
				if strings.Contains(source, wrong) {
					t.Errorf("%s, %s: the page says %q", id, own, wrong)
				}
			}
			f.IdentityAddress = ""
			if source = page(t, renderer(t), ofAccounts(f)); strings.Contains(source, "not known here yet") {
				t.Errorf("%s, %s: an identity without an address is called unknown", id, own)
			}
			f.IdentityAddress = "me@gitlab.example"
		}
	}
}

var buttonText = regexp.MustCompile(`(?s)<button type="submit"[^>]*>(.*?)</button>`)

// Two accounts at one address are told apart by what stands above them, by what their buttons are called and, for who
// hears the page and goes from heading to heading, by those.
func TestAccountsAtOneAddressAreToldApart(t *testing.T) {
	p := ofAccounts(sampleFindings["ready"], sampleFindings["unlinked-legacy"])
	p.Accounts[0].MadeAt, p.Accounts[0].UsedAt = at, at.AddDate(0, 0, 1)
	p.Accounts[1].MadeAt = at.AddDate(-7, 0, 0)
	p.Open = true
	source := page(t, renderer(t), p)
	for _, want := range []string{
		"Account 1 of 2: <strong>customerz@example.com</strong> · made on 23 November 2026 · last used on 24 November 2026</p>",
		"Account 2 of 2: <strong>customerz@example.com</strong> · made on 23 November 2019</p>",
		"Sign in to the Customers Portal (account 1)</button>", "Sign in to the Customers Portal (account 2)</button>",
		"<h1>Here is how you can sign in</h1>",
		`Nothing stops you from signing in<span class="off"> (account 1)</span></h2>`,
		`Your account isn’t linked to GitLab.com yet<span class="off"> (account 2)</span></h2>`,
	} {
		if !strings.Contains(source, want) {
			t.Errorf("no %q", want)
		}
	}
	names := map[string]bool{}
	for _, form := range regexp.MustCompile(`(?s)<form class="action".*?</form>`).FindAllString(source, -1) {
		name := buttonText.FindStringSubmatch(form)[1]
		if names[name] {
			t.Errorf("two buttons are called %q", name)
		}
		names[name] = true
	}
	alone := page(t, renderer(t), ofAccounts(sampleFindings["ready"]))
	if strings.Contains(alone, "Account 1") || strings.Contains(alone, "(account") {
		t.Error("the only account is told from others")
	}
}

// The case knows which address led nowhere, and says so in the place of guesses.
func TestTheAddressThatLedNowhereIsNamed(t *testing.T) {
	ready := sampleFindings["ready"]
	ready.Instead = "customer_z@example.com"
	p := ofAccounts(ready)
	p.AllRight, p.Instead = true, ready.Instead
	source := page(t, renderer(t), p)
	for _, want := range []string{
		"<h1>We found your account</h1>",
		"Your account is under customerz@example.com, not under customer_z@example.com. Use this address from now on.",
	} {
		if strings.Count(source, want) != 1 {
			t.Errorf("%q stands there %d times, want once", want, strings.Count(source, want))
		}
	}
	if n := strings.Count(source, "not under"); n != 1 {
		t.Errorf("it is said %d times, want once", n)
	}
	if strings.Contains(source, "perhaps signed in to another") {
		t.Error("a guess stands beside what is known")
	}
	other := sampleFindings["unlinked-legacy"]
	p = ofAccounts(other)
	p.Address, p.Instead = other.AccountAddress, ready.Instead
	if source = page(t, renderer(t), p); !strings.Contains(source, "<strong>customerz@example.com</strong>, not under customer_z@example.com.") {
		t.Error("beside another finding it is not said")
	}
}

// Who sees nothing once signed in is first told what helps: a text for the colleague who can invite, then another
// address, and only then the way to where there is nothing to see.
func TestWithoutABillingAccountWhatHelpsComesFirst(t *testing.T) {
	f := sampleFindings["no-billing-access"]
	source := page(t, renderer(t), ofAccounts(f))
	var order []string
	elements(t, source, func(n *html.Node, a map[string]string) {
		switch {
		case n.Data == "blockquote":
			order = append(order, "text")
		case n.Data == "button" && strings.Contains(a["data-copy"], f.AccountAddress):
			order = append(order, "copy")
		case n.Data == "form" && a["data-action"] != "":
			order = append(order, a["data-action"])
		}
	})
	if got := strings.Join(order, " "); got != "text copy try-another-address sign-in" {
		t.Errorf("the order is %s", got)
	}
	for _, button := range regexp.MustCompile(`<button type="(?:submit" aria-describedby|button" data-copy)[^>]*>`).FindAllString(source, -1) {
		if !strings.Contains(button, "Can you invite me") {
			t.Errorf("a button stands out beside the text's: %s", button)
		}
	}
	if n := strings.Count(source, "manages the subscription"); n != 1 || !strings.Contains(source, `<button type="button" data-copy="Hello`) {
		t.Errorf("it says %d times whom to ask, want once, with the button that stands out", n)
	}
	beside := ofAccounts(sampleFindings["unlinked-legacy"])
	beside.Accounts[0].Findings = append(beside.Accounts[0].Findings, f)
	beside.Accounts[0].Findings[1].Actions = []templates.ActionView{action("try-another-address"), action("hand-off")}
	if !strings.Contains(page(t, renderer(t), beside), `<button type="button" class="quiet" data-copy="Hello`) {
		t.Error("beneath another finding the text's button stands out too")
	}
	f.Actions, f.At = nil, time.Time{}
	if strings.Contains(page(t, renderer(t), templates.Help{Finding: f}), "<blockquote") {
		t.Error("a help page has a text without an address in it")
	}
}

// An invitation that still works is to be accepted, and one that is over to be asked for again: neither is said to
// whom the other is told.
func TestAnInvitationIsAskedForAgainOnlyWhereItIsOver(t *testing.T) {
	for _, tt := range []struct {
		variant             string
		asks, accepts, ages bool
	}{{"open", false, true, false}, {"expired", true, false, false}, {"no-account", false, true, true}, {"", false, true, true}} {
		f := sampleFindings["invitation-pending"]
		f.Variant = tt.variant
		source := page(t, renderer(t), ofAccounts(f))
		steps := stepsMarkup.FindString(source)
		asks, accepts, ages := strings.Contains(source, "Can you invite me again?"), strings.Contains(steps, "Accept the invitation."), strings.Contains(steps, "older than 7 days")
		if asks != tt.asks || accepts != tt.accepts || ages != tt.ages {
			t.Errorf("%q: asks %t, accepts %t, speaks of its age %t; want %t, %t and %t", tt.variant, asks, accepts, ages, tt.asks, tt.accepts, tt.ages)
		}
		if quiet := strings.Contains(source, `<button type="submit" class="quiet" aria-describedby="sign-in-`); quiet != tt.asks {
			t.Errorf("%q: signing in comes second: %t, want %t", tt.variant, quiet, tt.asks)
		}
	}
}

// Where the link was mailed already, the steps lead to the mail, and don't offer it as if it were still to come.
func TestTheStepsKnowThatTheLinkWasMailed(t *testing.T) {
	r := renderer(t)
	for _, s := range diagnosis.All() {
		if !slices.Contains(s.Offers, diagnosis.EmailSignInLink) {
			continue
		}
		for _, way := range [][]any{{}, {"Elsewhere", true}, {"Elsewhere", true, "Through", "me@gitlab.example"}} {
			for _, mailed := range []bool{false, true} {
				values := append([]any{"Address", "a@example.com", "IdentityAddress", "", "Variant", "", "Own", "", "Mailed", mailed}, way...)
				text, _ := r.Text("en", "situation."+string(s.ID)+".steps", values...)
				says := strings.Contains(text, "pen the sign-in link in our mail")
				offers := strings.Contains(text, "link that we can mail") || strings.Contains(text, "ave the sign-in link mailed")
				if says != mailed || offers == mailed {
					t.Errorf("%s, %v, mailed %t: led to the mail %t, offered it %t:\n%s", s.ID, way, mailed, says, offers, text)
				}
			}
		}
	}
}

// An account at another address has no button to sign in: its steps speak of none.
func TestNoStepSpeaksOfAButtonThatIsNotThere(t *testing.T) {
	r := renderer(t)
	// Their rules ask for the account's own address, or for one that no identity is linked to.
	never := []diagnosis.ID{
		diagnosis.UnlinkedSales, diagnosis.UnlinkedLegacy, diagnosis.OwnerLeft, diagnosis.MailSuppressed, diagnosis.ResetOnWrongSite,
	}
	for _, s := range diagnosis.All() {
		if s.Scope&diagnosis.OfAccount == 0 || slices.Contains(never, s.ID) {
			continue
		}
		id := string(s.ID)
		f := byIdentity(id)
		_, body, _ := strings.Cut(page(t, r, ofAccounts(f)), "</h1>")
		f.Through = ""
		f.IdentityAddress, f.Actions[0].Through = "", ""
		_, without, _ := strings.Cut(page(t, r, ofAccounts(f)), "</h1>")
		if strings.Contains(without, "our button") || strings.Contains(body, "our button") {
			t.Errorf("%s speaks of our button", id)
		}
	}
	for _, id := range []string{"told.try", "situation.identity-locked.told"} {
		if text, _ := r.Text("en", id); strings.Contains(text, "our button") || !strings.Contains(text, "as it says below") {
			t.Errorf("%s says %q", id, text)
		}
	}
}

// Two ways to do one thing are no steps that follow each other.
func TestOfTwoWaysOneIsToldWhereTheAccountIsOpen(t *testing.T) {
	f := byIdentity("linked-email-mismatch")
	steps := strings.Split(stepsMarkup.FindString(page(t, renderer(t), ofAccounts(f))), "<li>")[1:]
	if len(steps) != 4 || !strings.Contains(steps[3], "You can leave the emails as they are") || strings.Contains(strings.Join(steps, ""), "one of these two") {
		t.Errorf("the steps are %q", steps)
	}
}

// The identity that is linked is named where it is known, and not as that of who was here before: a customer who signed
// in to it has it now.
func TestTheIdentityOfWhoWasHereBeforeIsNamed(t *testing.T) {
	f := sampleFindings["owner-left"]
	f.Variant = "linked"
	for _, known := range []string{"shared@example.com", ""} {
		f.IdentityAddress = known
		source := page(t, renderer(t), ofAccounts(f))
		for _, want := range []string{"GitLab.com account " + known + " is linked.", "<b>GitLab.com account</b><span>" + known + "</span>"} {
			if got := strings.Contains(source, want); got != (known != "") {
				t.Errorf("known as %q: it says %q: %t", known, want, got)
			}
		}
		if !strings.Contains(source, "GitLab.com account of whoever") {
			t.Errorf("known as %q: it says whose it was", known)
		}
	}
}

// The button of the page is its first step, and what can't be done here comes after it.
func TestWhoseNewAddressWaitsIsFirstToldHowToGetIn(t *testing.T) {
	f := sampleFindings["email-change-pending"]
	steps := strings.Split(stepsMarkup.FindString(page(t, renderer(t), ofAccounts(f))), "<li>")[1:]
	if !strings.Contains(steps[0], "with the old address") || !strings.Contains(steps[1], "Open the mail in its mailbox") {
		t.Errorf("the steps are %q", steps)
	}
}

// Both may come after what keeps everybody out, and then the page has no button to sign in.
func TestWhatComesAfterSpeaksOfNoButton(t *testing.T) {
	for _, id := range []string{"email-change-pending", "invitation-pending"} {
		f := sampleFindings[id]
		for _, f.Elsewhere = range []bool{false, true} {
			for _, f.Variant = range []string{"open", "here", "portal", ""} {
				steps := stepsMarkup.FindString(page(t, renderer(t), ofAccounts(f)))
				if steps == "" || strings.Contains(steps, "our button") {
					t.Errorf("%s, %q: the steps are %q", id, f.Variant, steps)
				}
			}
		}
	}
}
