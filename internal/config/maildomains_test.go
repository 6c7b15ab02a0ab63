package config_test

import (
	"slices"
	"testing"

	"latchkey/internal/config"
)

func TestEachMailDomainHasItsKey(t *testing.T) {
	for name, tt := range map[string]struct {
		keys string
		want []config.MailDomain
	}{
		"one for all": {"shared", []config.MailDomain{{"mg.example.com", "shared", "https://eu.example/v3"}, {"mg.example.net", "shared", "https://eu.example/v3"}}},
		"one each":    {"mg.example.com=a\nMG.example.net=b\n", []config.MailDomain{{"mg.example.com", "a", "https://eu.example/v3"}, {"mg.example.net", "b", "https://eu.example/v3"}}},
		"one of its own, one for the rest": {"rest, mg.example.net=b", []config.MailDomain{
			{"mg.example.com", "rest", "https://eu.example/v3"}, {"mg.example.net", "b", "https://eu.example/v3"},
		}},
	} {
		l := config.MailLog{
			IdentityMailDomains: []string{"mg.example.com", "mg.example.net"}, IdentityMailKey: tt.keys,
			IdentityMailBase: "https://eu.example/v3",
		}
		if got := l.Identity(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
		l = config.MailLog{PortalMailDomains: l.IdentityMailDomains, PortalMailKey: tt.keys, PortalMailBase: "https://eu.example/v3"}
		if got := l.Portal(); !slices.Equal(got, tt.want) {
			t.Errorf("%s, the portal's: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestMailLogFaults(t *testing.T) {
	log := func(more ...string) []string {
		return append(served(t), append([]string{
			"--mail-log", "mailgun", "--identity-mail-domains", "a.example.com,b.example.com",
			"--portal-mail-domains", "c.example.com", "--portal-mail-key", "k",
		}, more...)...)
	}
	got := faults(t, nil, log("--identity-mail-key", "a.example.com=x")...)
	if want := "--identity-mail-key-file (or LATCHKEY_IDENTITY_MAIL_KEY_FILE) has no key for b.example.com"; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = faults(t, nil, log("--identity-mail-key", "x", "--reset-subject", "(")...)
	if len(got) != 1 || got[0] != `--reset-subject "(": is no regular expression such as (?i)reset.*password` {
		t.Errorf("got %q", got)
	}
	got = faults(t, nil, append(served(t), "--mail-suppressions", "mailgun")...)
	if len(got) != 2 {
		t.Errorf("suppressions without a domain and a key: %q, want both faults", got)
	}
}

func TestWebhookKeysFollowOneAnother(t *testing.T) {
	c := load(t, nil, append(served(t), "--mailgun-webhook-key-file", file(t, "new\nold\n"))...)
	if got := c.WebhookKeys(); !slices.Equal(got, []string{"new", "old"}) {
		t.Errorf("got %q, want the new one and the old one", got)
	}
	if got := load(t, nil, served(t)...).WebhookKeys(); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}

func TestTheDemoBringsItsOwnMailgun(t *testing.T) {
	if c := load(t, nil, "demo", "--mail", "mailgun"); !c.OwnMailgun(c.Command) || c.MailgunBase != "" {
		t.Errorf("base %q, want none", c.MailgunBase)
	}
	const eu = "https://api.eu.mailgun.net/v3"
	c := load(t, nil, "demo", "--mail", "mailgun", "--mailgun-base", eu, "--mailgun-domain", "mg.example.com", "--mailgun-key", "k")
	if c.OwnMailgun(c.Command) || c.MailgunBase != eu || c.IdentityMailBase != eu || c.PortalMailBase != eu {
		t.Errorf("base %q, %q, %q; want %q", c.MailgunBase, c.IdentityMailBase, c.PortalMailBase, eu)
	}
	if got := faults(t, nil, "demo", "--mail", "mailgun", "--mailgun-base", eu); len(got) != 2 {
		t.Errorf("another Mailgun without domain and key: %q, want two faults", got)
	}
	if c := load(t, nil, served(t)...); c.MailgunBase != "https://api.mailgun.net/v3" || c.PortalMailBase != c.MailgunBase {
		t.Errorf("serve's base is %q, the portal's %q", c.MailgunBase, c.PortalMailBase)
	}
}
