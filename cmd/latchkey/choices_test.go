package main

import (
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/desk/desktest"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// choices are what a flag can be told, by the name of its field.
func choices(t *testing.T, group any, field string) []string {
	t.Helper()
	f, _ := reflect.TypeOf(group).FieldByName(field)
	all := strings.Split(f.Tag.Get("choices"), ",")
	if len(all) < 2 {
		t.Fatalf("%T.%s has the choices %q", group, field, all)
	}
	return all
}

// What --mail and --desk take has an adapter of its own: none stands in for one that nobody made.
func TestEveryMailServiceAndDeskIsMade(t *testing.T) {
	made := map[reflect.Type]string{nil: "nothing"}
	expect := func(flag, choice string, adapter any, err error) {
		t.Helper()
		kind := reflect.TypeOf(adapter)
		if other, taken := made[kind]; taken {
			t.Errorf("--%s %s makes %s (%v): it needs a case in newSender or newDesk", flag, choice, other, err)
			return
		}
		made[kind] = "what --" + flag + " " + choice + " makes"
	}
	for _, choice := range choices(t, config.Mail{}, "By") {
		if choice != "inbox" { // the demo's own
			var o config.Options
			o.Mail.By = choice
			sender, err := newSender(o)
			expect("mail", choice, sender, err)
		}
	}
	for _, choice := range choices(t, config.Desk{}, "HandTo") {
		var o config.Options
		o.HandTo = choice
		desk, err := newDesk(o, nil)
		expect("desk", choice, desk, err)
	}
}

// What a custom field can have, and the priorities that there are, config and the desk know each by itself.
func TestWhatAFieldCanHaveTheDeskFillsIn(t *testing.T) {
	there := func(flag, before string) []string {
		_, err := config.Load([]string{"demo", flag, "1=no-such-thing"}, func(string) string { return "" })
		_, list, ok := strings.Cut(fmt.Sprint(err), before)
		if !ok {
			t.Fatalf("%s does not say what there is: %v", flag, err)
		}
		return strings.Split(list, ", ")
	}
	fields := there("--zendesk-fields", "it can have ")
	for _, priority := range there("--zendesk-priority", "there are ") {
		fake := desktest.NewZendesk(desktest.Options{User: deskUser, Token: "token"})
		web := httptest.NewServer(fake)
		defer web.Close()
		o := config.Options{Desk: config.Desk{
			HandTo: "zendesk", ZendeskURL: web.URL, ZendeskUser: deskUser, ZendeskToken: "token",
			ZendeskPriority: []string{"several-accounts=" + priority, "ready=urgent"}, // the more urgent counts
		}}
		for i, what := range fields {
			o.ZendeskFields = append(o.ZendeskFields, fmt.Sprintf("%d=%s", i+1, what))
		}
		d, err := newDesk(o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = d.File(t.Context(), recovery.Message{Subject: "A case", Ticket: &recovery.Ticket{
			ID: "1", Kind: recovery.HandOffSupport, Reference: "LK-1", Requester: "ann@example.com", Language: "en",
			Message: "Help", Note: "Found", ConsoleURL: "https://console.example.com/1", At: time.Now(),
			Evidence: recovery.Evidence{Browser: "Firefox", Entry: recovery.EntryDirect, Findings: []recovery.EvidenceFinding{
				{Situation: diagnosis.SeveralAccounts}, {Situation: diagnosis.Ready},
			}},
		}}); err != nil {
			t.Fatal(err)
		}
		got := fake.Tickets()[0]
		if got.Priority != "urgent" {
			t.Errorf("the desk does not know the priority %s: with urgent beside it, it chose %q", priority, got.Priority)
		}
		for i, what := range fields {
			if got.Fields[int64(i+1)] == "" {
				t.Errorf("--zendesk-fields takes %s, and the desk fills in nothing", what)
			}
		}
	}
}
