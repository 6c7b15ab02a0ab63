package demo

import (
	"testing"

	"github.com/jba/templatecheck"
)

// TestPagesFitTheirData finds a misspelt field in a branch that no walk goes through.
func TestPagesFitTheirData(t *testing.T) {
	p, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]any{
		"sign_in": signInPage{}, "gitlab": gitLabPage{}, "authorize": authorizePage{}, "home": homePage{}, "profile": profilePage{},
		"confirmed": confirmedPage{}, "problem": problemPage{},
		"list": listPage{}, "mail": mailPage{}, "index": indexPage{},
		"tickets": ticketsPage{}, "ticket": DeskTicket{},
	}
	for name, page := range p.byName {
		fits, ok := data[name]
		if !ok {
			t.Errorf("page %s has no data here", name)
			continue
		}
		if err := templatecheck.CheckHTML(page, fits); err != nil {
			t.Errorf("page %s: %v", name, err)
		}
	}
	for _, kind := range []string{"confirmation", "reset"} {
		if err := templatecheck.CheckText(p.mails.Lookup(kind+".txt"), otherMail{}); err != nil {
			t.Error(err)
		}
		if err := templatecheck.CheckHTML(p.htmlMails.Lookup(kind+".html"), otherMail{}); err != nil {
			t.Error(err)
		}
	}
}
