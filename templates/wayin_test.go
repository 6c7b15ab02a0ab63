package templates_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"latchkey/templates"
)

func ofAccounts(findings ...templates.FindingView) templates.Situation {
	p := templates.Situation{Base: sampleBase("/situation"), Address: "me@gitlab.example"}
	for i, f := range findings {
		p.Accounts = append(p.Accounts, templates.AccountView{
			ID: string(rune('7' + i)), Address: f.AccountAddress, Findings: []templates.FindingView{f},
		})
	}
	return p
}

var buttonText = regexp.MustCompile(`(?s)<button type="submit"[^>]*>(.*?)</button>`)

// Two accounts at one address are told apart by what stands above them and by what their buttons are called.
func TestAccountsAtOneAddressAreToldApart(t *testing.T) {
	p := ofAccounts(sampleFindings["ready"], sampleFindings["unlinked-legacy"])
	p.Accounts[0].MadeAt, p.Accounts[0].UsedAt = at, at.AddDate(0, 0, 1)
	p.Accounts[1].MadeAt = at.AddDate(-7, 0, 0)
	source := page(t, renderer(t), p)
	for _, want := range []string{
		"Account 1 of 2: <strong>customerz@example.com</strong> · made on 23 November 2026 · last used on 24 November 2026</p>",
		"Account 2 of 2: <strong>customerz@example.com</strong> · made on 23 November 2019</p>",
		"Sign in to the Customers Portal (account 1)</button>", "Sign in to the Customers Portal (account 2)</button>",
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
	if !regexp.MustCompile(`data-action="sign-in"[^>]*>\s*<input[^>]*>\s*<input[^>]*>\s*<button type="submit" class="quiet"`).MatchString(source) {
		t.Error("signing in is not a quiet button")
	}
	f.Actions, f.At = nil, time.Time{}
	if strings.Contains(page(t, renderer(t), templates.Help{Finding: f}), "<blockquote") {
		t.Error("a help page has a text without an address in it")
	}
}
