package main

import (
	"reflect"
	"strings"
	"testing"

	"latchkey/internal/config"
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
