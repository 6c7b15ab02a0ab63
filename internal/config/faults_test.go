package config_test

import (
	"slices"
	"strings"
	"testing"

	"latchkey/internal/config"
)

func TestOneClearLineForOneFault(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "no command: expected one of"},
		{[]string{"demno"}, `unexpected argument demno, did you mean "demo"?`},
		{[]string{"demo", "--lissten", "127.0.0.1:1"}, `unknown flag --lissten, did you mean "--listen"?`},
		{[]string{"demo", "--bogus"}, "unknown flag --bogus"},
		{[]string{"demo", "--bogus=1"}, "unknown flag --bogus"},
		{[]string{"demo", "-x"}, "unknown flag -x"},
		{[]string{"demo", "more"}, `unexpected argument more; "latchkey help" says what there is`},
		{[]string{"demo", "--listen"}, "--listen: the value is missing"},
		{[]string{"demo", "--listen", "8080"}, `--listen "8080": is not HOST:PORT`},
		{[]string{"demo", "--listen", ":99999"}, `--listen ":99999": has no port`},
		{[]string{"demo", "--prove-ttl", "soon"}, `--prove-ttl "soon": is no time`},
		{[]string{"demo", "--prove-ttl", "-5m"}, `--prove-ttl "-5m": is no time such as`},
		{[]string{"demo", "--limit-scale", "-.5"}, `--limit-scale "-.5": is no number above 0`},
		{[]string{"demo", "--code-tries", "-1"}, `--code-tries "-1": is no whole number from 1 on`},
		{[]string{"demo", "--prove-ttl", "--log-level", "info"}, "--prove-ttl: the value is missing"},
		{[]string{"demo", "--prove-ttl=0s"}, `--prove-ttl "0s": is no time`},
		{[]string{"demo", "--prove-ttl", "999999999999d"}, `--prove-ttl`},
		{[]string{"demo", "--code-tries", "0"}, `--code-tries "0": is no whole number`},
		{[]string{"demo", "--limit-scale", "0"}, `--limit-scale "0": is no number above 0`},
		{[]string{"demo", "--limit-scale", "NaN"}, `--limit-scale "NaN"`},
		{[]string{"demo", "--limit-scale", "Inf"}, `--limit-scale "Inf"`},
		{[]string{"demo", "--trusted-proxies", "10.0.0.0/40"}, `"10.0.0.0/40": is no network`},
		{[]string{"demo", "--trusted-proxies", "0.0.0.0/0"}, "would believe everybody"},
		{[]string{"demo", "--public-url", "help.example.com"}, "is no URL"},
		{[]string{"demo", "--public-url", "http://help.example.com"}, "is http; only this machine"},
		{[]string{"demo", "--public-url", "https://help.example.com/x"}, "has a path"},
		{[]string{"demo", "--public-url", "https://u:p@help.example.com"}, "has a user"},
		{[]string{"demo", "--portal-origins", "https://*.example.com"}, "has a wildcard"},
		{[]string{"demo", "--confirmation-by", "us"}, "is none of portal, latchkey"},
		{[]string{"demo", "--support-email", "Support <s@example.com>"}, "is no address"},
		{[]string{"demo", "--mail-from", "nobody"}, "is no address"},
		{[]string{"demo", "--mailgun-base", "https://api.mailgun.net"}, "does not end in /v3"},
		{[]string{"demo", "--mailgun-domain", "a_b"}, "is no domain"},
		{[]string{"demo", "--portal-name", ""}, `--portal-name "": is empty`},
		{[]string{"demo", "--identity-name="}, `--identity-name "": is empty`},
		{[]string{"demo", "--oidc-provider", " "}, `--oidc-provider " ": is empty`},
		{[]string{"demo", "--portal-timeout", "6s"}, `is over 5s`},
		{[]string{"demo", "--others-at-most", "4"}, `--others-at-most "4": is over 3`},
		{[]string{"demo", "--proof-idle", "3h"}, "--proof-idle (3h0m0s) has to be shorter than --proof-max (2h0m0s)"},
		{[]string{"demo", "--console-token", "too-short"}, "--console-token: is under 20 characters"},
		{[]string{"demo", "--console-idle", "9h"}, "--console-idle (9h0m0s) is longer than --console-max (8h0m0s)"},
		{[]string{"demo", "--portal-url", "https://customers.example.com/api/v1/"}, "ends in /v1; want what stands before that"},
		{[]string{"demo", "--console-url", "http://console.example.com"}, "is http; only this machine"},
		{[]string{"demo", "--console-oidc-issuer", "https://sso.example", "--console-oidc-client-id", "x"}, "--console-groups (or LATCHKEY_CONSOLE_GROUPS) is missing"},
		{[]string{"demo", "--console-oidc-issuer", "https://sso.example", "--console-groups", "a"}, "--console-oidc-client-id (or LATCHKEY_CONSOLE_OIDC_CLIENT_ID) is missing"},
		{[]string{"demo", "--console-groups", "a", "--console-oidc-client-id", "x"}, "--console-oidc-issuer (or LATCHKEY_CONSOLE_OIDC_ISSUER) is missing"},
		{[]string{"demo", "--ops-listen", "0.0.0.0:1", "--console-token", "a-token-of-the-console"}, "--console-url (or LATCHKEY_CONSOLE_URL) is missing"},
		{[]string{"demo", "--texts", "/nowhere/texts.toml"}, "there is no such file"},
		{[]string{"demo", "--previous-url", "http://10.0.0.5:8080/x"}, "has more than a scheme and a host"},
		{[]string{"demo", "--previous-url", "10.0.0.5:8080"}, "is no URL"},
		{[]string{"demo", "--log-level", "loud"}, "is none of debug, info, warn, error"},
		{[]string{"erase", "--keys", "x"}, "<email> is missing: --help says what it is"},
		{[]string{"backup"}, "<file> is missing: --help says what it is"},
		{[]string{"start"}, `unexpected argument start`},
		{[]string{"demo", "--desk", "phone"}, "is none of email, zendesk, webhook"},
		{[]string{"demo", "--desk", "zendesk", "--zendesk-url", "https://acme.zendesk.com"}, "--zendesk-token-file (or LATCHKEY_ZENDESK_TOKEN_FILE) is missing"},
		{[]string{"demo", "--zendesk-url", "http://acme.zendesk.com", "--zendesk-token", "t"}, "is http; only this machine"},
		{[]string{"demo", "--desk", "email", "--zendesk-url", "https://acme.zendesk.com"}, "--zendesk-url: want --desk zendesk with it"},
		{[]string{"demo", "--webhook-url", "https://desk.example.com/h", "--desk", "email"}, "--webhook-url: want --desk webhook with it"},
		{[]string{"demo", "--desk", "webhook", "--webhook-secret", "a secret of twenty bytes"}, "--webhook-url (or LATCHKEY_WEBHOOK_URL) is missing"},
		{[]string{"demo", "--desk", "webhook", "--webhook-url", "https://desk.example.com/h?from=us"}, "--webhook-secret-file (or LATCHKEY_WEBHOOK_SECRET_FILE) is missing"},
		{[]string{"demo", "--desk", "webhook", "--webhook-url", "http://desk.example.com/h", "--webhook-secret", "a secret of twenty bytes"}, "is http; only this machine"},
		{[]string{"demo", "--desk", "webhook", "--webhook-url", "https://desk.example.com/h", "--webhook-secret", "short"}, "--webhook-secret: is shorter than 16 characters"},
		{[]string{"demo", "--zendesk-fields", "reference=1"}, "is no field such as 360001=reference"},
		{[]string{"demo", "--zendesk-fields", "1=address"}, "is no field such as 360001=reference"},
		{[]string{"demo", "--zendesk-priority", "normal,=high"}, "is no priority such as normal"},
		{[]string{"demo", "--zendesk-priority", "sign-in-disabled=now"}, "is no priority such as normal"},
		{[]string{"demo", "--console-url", "https://ops.example.com/x"}, "has a path"},
	} {
		got := faults(t, nil, tt.args...)
		if len(got) != 1 || !strings.Contains(got[0], tt.want) || strings.Contains(got[0], "\n") {
			t.Errorf("%q:\n got %q\nwant one line with %q", tt.args, got, tt.want)
		}
	}
}

func TestEveryFaultAtOnce(t *testing.T) {
	v := variables{"LATCHKEY_PROOF_MAX": "a while", "LATCHKEY_TRUSTED_PROXIES": "proxy"}
	got := faults(t, v, "serve", "--lisen", "x", "--ops-listen", "here", "--publik-url=https://a", "--code-tries", "many", "--portal-url", "ftp://x")
	for _, want := range []string{
		"unknown flag --lisen", "unknown flag --publik-url", `--ops-listen "here"`, `--code-tries "many"`,
		`LATCHKEY_PROOF_MAX "a while"`, `LATCHKEY_TRUSTED_PROXIES "proxy"`, `--portal-url "ftp://x"`,
		"--keys-file (or LATCHKEY_KEYS_FILE) is missing", "--public-url (or LATCHKEY_PUBLIC_URL) is missing",
	} {
		n := 0
		for _, f := range got {
			if strings.HasPrefix(f, want) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q stands %d times, want once, in:\n%s", want, n, got)
		}
	}
	for _, f := range got {
		if strings.HasPrefix(f, "--portal-url (or") {
			t.Errorf("a refused value is called missing as well: %s", f)
		}
	}
}

// Of a list each item that is wrong is told by itself, and by the name of its flag.
func TestEveryItemOfAListIsTold(t *testing.T) {
	got := faults(t, variables{"LATCHKEY_PORTAL_ORIGINS": "https://a.example,a, b"}, "demo", "--trusted-proxies", "10.0.0.0/8,proxy,0.0.0.0/0")
	want := config.Faults{
		`LATCHKEY_PORTAL_ORIGINS "a": is no URL such as https://help.example.com`,
		`LATCHKEY_PORTAL_ORIGINS "b": is no URL such as https://help.example.com`,
		`--trusted-proxies "0.0.0.0/0": would believe everybody; name the proxies`,
		`--trusted-proxies "proxy": is no network such as 10.0.0.0/8 or 2001:db8::/32`,
	}
	sorted := slices.Sorted(slices.Values(got))
	slices.Sort(want)
	if !slices.Equal(sorted, want) {
		t.Errorf("got %q, want %q", sorted, want)
	}
}

// What kong ends at does not hide what is wrong besides.
func TestEveryFaultAtOnceBesideValuesThatLookLikeFlags(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"demo", "--prove-ttl", "-5m", "--portal-timeout", "50s", "--code-tries", "0"}, []string{
			`--prove-ttl "-5m": is no time such as 90s, 15m, 1h or 7d`,
			`--code-tries "0": is no whole number from 1 on`,
			"--portal-timeout (50s) has to be shorter than --claim-ttl (15s)",
			`--portal-timeout "50s": is over 5s`,
		}},
		{[]string{"demo", "--prove-ttl", "--code-tries", "0", "--listen"}, []string{
			"--prove-ttl: the value is missing", "--listen: the value is missing", `--code-tries "0": is no whole number from 1 on`,
		}},
		{append(served(t)[:13], "--mail", "--code-tries", "0"), []string{
			"--mail: the value is missing", `--code-tries "0": is no whole number from 1 on`,
		}},
	} {
		got := slices.Clone(faults(t, nil, tt.args...))
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q:\n got %q\nwant %q", tt.args, got, tt.want)
		}
	}
}

func TestMailFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"smtp needs a server and a sender", []string{"--mail", "smtp"}, []string{"--smtp-address (or", "--mail-from (or"}},
		{"mailgun needs a domain and a key", []string{"--mail", "mailgun", "--mail-from", "a@example.com"}, []string{"--mailgun-domain (or", "--mailgun-key-file (or"}},
		{"the inbox is the demo's", []string{"--mail", "inbox"}, []string{"--mail: the inbox is the demo's"}},
		{"no plain text over the net", []string{"--mail", "smtp", "--smtp-address", "mail.example.com:25", "--smtp-tls", "none", "--mail-from", "a@example.com"}, []string{"--smtp-tls none: only a server on this machine"}},
		{"user and password", []string{"--mail", "smtp", "--smtp-address", "mail.example.com:25", "--smtp-user", "u", "--mail-from", "a@example.com"}, []string{"--smtp-user and --smtp-password-file"}},
		{"the mail log's keys", []string{"--mail", "smtp", "--smtp-address", "[::1]:25", "--smtp-tls", "none", "--mail-from", "a@example.com", "--mail-log", "mailgun"}, []string{
			"--identity-mail-domains (or", "--identity-mail-key-file (or", "--portal-mail-domains (or", "--portal-mail-key-file (or",
		}},
	} {
		args := append(served(t)[:13], tt.args...)
		got := faults(t, nil, args...)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %d faults, want %d: %q", tt.name, len(got), len(tt.want), got)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(got[i], want) {
				t.Errorf("%s: %q, want %q", tt.name, got[i], want)
			}
		}
	}
}

func TestOpenIDFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string // empty: none
	}{
		{"a public client", []string{"--oidc-client-id", "latchkey"}, ""},
		{"a secret in a file", []string{"--oidc-client-id", "latchkey", "--oidc-client-secret-file", file(t, "s3cret")}, ""},
		{"a secret alone", []string{"--oidc-client-secret", "s3cret"}, "--oidc-client-id (or"},
		{"origins alone", []string{"--oidc-origins", "https://login.example"}, "--oidc-client-id (or"},
		{"no https", []string{"--oidc-client-id", "latchkey", "--oidc-issuer", "http://gitlab.example"}, "--oidc-issuer "},
		{"a query", []string{"--oidc-client-id", "latchkey", "--oidc-issuer", "https://gitlab.example?x=1"}, "--oidc-issuer "},
		{"an origin with a path", []string{"--oidc-client-id", "latchkey", "--oidc-origins", "https://login.example/sso"}, "--oidc-origins "},
		{"as long as a proof", []string{"--oidc-client-id", "latchkey", "--oidc-ttl", "2h"}, "--oidc-ttl "},
	} {
		for _, command := range [][]string{served(t), {"demo"}} {
			_, err := config.Load(append(command, tt.args...), variables{}.get)
			if (err == nil) != (tt.want == "") || (err != nil && !strings.HasPrefix(err.Error(), tt.want)) {
				t.Errorf("%s, %s: %v, want %q", command[0], tt.name, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s, %s: the fault tells the secret: %v", command[0], tt.name, err)
			}
		}
	}
}

// A provider's tokens name its issuer to the letter, the slash at its end included.
func TestIssuer(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"", "https://gitlab.com"},
		{"--identity-url=https://gitlab.example", "https://gitlab.example"},
		{"--oidc-issuer=https://login.example/", "https://login.example/"},
		{"--oidc-issuer=https://login.example/realms/Acme", "https://login.example/realms/Acme"},
	} {
		args := append(served(t), "--oidc-client-id=latchkey")
		if tt.args != "" {
			args = append(args, tt.args)
		}
		c, err := config.Load(args, variables{}.get)
		if err != nil || c.OIDCIssuer != tt.want || c.OIDCProvider != "gitlab" {
			t.Errorf("%s: issuer %q, %v; want %q", tt.args, c.OIDCIssuer, err, tt.want)
		}
	}
}

func TestIdentityAPIFaults(t *testing.T) {
	const url, token = "https://gitlab.example.com", "glpat-1"
	for _, tt := range []struct {
		name string
		args []string
		want string // empty: none
	}{
		{"not configured", nil, ""},
		{"both", []string{"--gitlab-url", url, "--gitlab-token", token}, ""},
		{"the token in a file", []string{"--gitlab-url", url, "--gitlab-token-file", file(t, token)}, ""},
		{"no token", []string{"--gitlab-url", url}, "--gitlab-token-file (or"},
		{"no URL", []string{"--gitlab-token", token}, "--gitlab-url (or"},
		{"no https", []string{"--gitlab-url", "http://gitlab.example.com", "--gitlab-token", token}, "--gitlab-url "},
	} {
		for _, command := range [][]string{served(t), {"demo"}} {
			_, err := config.Load(append(command, tt.args...), variables{}.get)
			if (err == nil) != (tt.want == "") || (err != nil && !strings.HasPrefix(err.Error(), tt.want)) {
				t.Errorf("%s, %s: %v, want %q", command[0], tt.name, err, tt.want)
			}
		}
	}
}

func TestNoFaultHoldsASecret(t *testing.T) {
	const secret = "hunter2-hunter2"
	args := []string{
		"serve", "--portal-token", secret, "--portal-token-file", file(t, secret), "--keys", secret,
		"--keys-file", file(t, secret), "--smtp-password", secret, "--mailgun-key", secret, "--bogus", secret, "--mail", "smtp",
		"--portal-url", "https://user:" + secret + "@portal.example", "--public-url", "https://help.example/?key=" + secret,
		"--smtp-address", "user:" + secret + "@mail.example:587", "--previous-url", "https://" + secret + "@old.example/x",
		"--webhook-url", "https://user:" + secret + "/more@desk.example", "--redis-url", "redis:/user:" + secret + "@redis.example",
	}
	if got := faults(t, variables{"LATCHKEY_IDENTITY_MAIL_KEY": secret, "LATCHKEY_GITLAB_TOKEN": secret}, args...); strings.Contains(got.Error(), secret) {
		t.Errorf("a secret stands in: %s", got)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("demo\x00--listen\x00127.0.0.1:1", "15m")
	f.Add("serve\x00--x\x00--y=1\x00--", "")
	f.Add("--\x00-\x00-h=\x00demo", "7d")
	f.Fuzz(func(t *testing.T, line, ttl string) {
		if strings.Contains(line, "file") || strings.Contains(line, "texts") {
			return // no file of this machine is read
		}
		v := variables{"LATCHKEY_PROVE_TTL": ttl}
		c, err := config.Load(strings.Split(line, "\x00"), v.get)
		if (err == nil) == (c.Command == "") {
			t.Fatalf("Load(%q) = command %q and error %v", line, c.Command, err)
		}
	})
}
