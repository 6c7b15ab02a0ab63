package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
)

// variables is an environment.
type variables map[string]string

func (v variables) get(name string) string { return v[name] }

func load(t *testing.T, v variables, args ...string) config.Config {
	t.Helper()
	c, err := config.Load(args, v.get)
	if err != nil {
		t.Fatalf("Load(%q): %v", args, err)
	}
	return c
}

// faults loads what must be refused, and returns why.
func faults(t *testing.T, v variables, args ...string) config.Faults {
	t.Helper()
	_, err := config.Load(args, v.get)
	var f config.Faults
	if !errors.As(err, &f) {
		t.Fatalf("Load(%q) = %v, want faults", args, err)
	}
	return f
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// served are the flags with which serve starts.
func served(t *testing.T) []string {
	return []string{
		"serve", "--keys-file", file(t, "address x\n"), "--public-url", "https://help.example.com/",
		"--portal-url", "https://api.example.com/api/", "--portal-token", "token",
		"--portal-origins", "https://customers.example.com", "--support-email", "support@example.com",
		"--mail", "smtp", "--smtp-address", "mail.example.com:587", "--mail-from", "Example <no-reply@mail.example.com>",
	}
}

func TestDemoNeedsNothing(t *testing.T) {
	c := load(t, nil, "demo")
	if c.Command != config.Demo || c.Listen != "127.0.0.1:8080" || c.OpsListen != "127.0.0.1:8081" || c.PortalListen != "127.0.0.1:0" {
		t.Errorf("demo listens at %q, %q, %q", c.Listen, c.OpsListen, c.PortalListen)
	}
	if got, want := c.Database, filepath.Join("latchkey-data", "latchkey.db"); got != want {
		t.Errorf("Database = %q, want %q", got, want)
	}
	if c.Mail.By != "inbox" || c.SupportEmail == "" || c.ReplyTo != c.SupportEmail || c.SupportContact != c.SupportEmail {
		t.Errorf("mail by %q, support %q, reply to %q", c.Mail.By, c.SupportEmail, c.ReplyTo)
	}
	if c.ConfirmationBy != "latchkey" {
		t.Errorf("ConfirmationBy = %q, want latchkey in the demo", c.ConfirmationBy)
	}
	if c.AddressNetHour != c.AddressHour || c.AddressNetDay != c.AddressDay || c.GlobalNetHour != c.GlobalHour {
		t.Errorf("one network gets %d, %d and %d of %d, %d and %d; want all in the demo",
			c.AddressNetHour, c.AddressNetDay, c.GlobalNetHour, c.AddressHour, c.AddressDay, c.GlobalHour)
	}
}

func TestServe(t *testing.T) {
	c := load(t, nil, served(t)...)
	for _, tt := range []struct{ name, got, want string }{
		{"PublicURL", c.PublicURL, "https://help.example.com"},
		{"PortalURL", c.PortalURL, "https://api.example.com/api"},
		{"Keys", c.Keys, "address x"},
		{"VendorName", c.VendorName, "customers.example.com"},
		{"ReplyTo", c.ReplyTo, "support@example.com"},
		{"SupportContact", c.SupportContact, "support@example.com"},
		{"ConfirmationBy", c.ConfirmationBy, "portal"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if c.AddressNetHour != 3 || c.AddressNetDay != 6 || c.GlobalNetHour != 100 {
		t.Errorf("one network gets %d, %d and %d, want 3, 6 and 100", c.AddressNetHour, c.AddressNetDay, c.GlobalNetHour)
	}
	if c.DisownFor != 7*24*time.Hour || c.ProveFor != 15*time.Minute {
		t.Errorf("DisownFor = %s, ProveFor = %s", c.DisownFor, c.ProveFor)
	}
}

func TestServeSaysAllThatIsMissing(t *testing.T) {
	got := faults(t, nil, "serve")
	for _, flag := range []string{
		"--keys-file", "--public-url", "--portal-url", "--portal-token-file", "--portal-origins", "--support-email", "--mail",
	} {
		if !slices.ContainsFunc(got, func(f string) bool { return strings.HasPrefix(f, flag+" (or LATCHKEY_") }) {
			t.Errorf("nothing says that %s is missing: %q", flag, got)
		}
	}
	if len(got) != 7 {
		t.Errorf("%d faults, want 7: %q", len(got), got)
	}
}

func TestFlagsAndVariablesAreOneList(t *testing.T) {
	v := variables{
		"LATCHKEY_LISTEN": "127.0.0.1:9000", "LATCHKEY_OPS_LISTEN": "127.0.0.1:9001", "LATCHKEY_PROVE_TTL": "20m",
		"LATCHKEY_TRUSTED_PROXIES": "10.0.0.1, 2001:db8::/32", "LATCHKEY_LIMIT_SCALE": "2.5", "LATCHKEY_CODE_TRIES": "3",
		"LATCHKEY_MAIL": "", "LATCHKEY_HELP": "1",
	}
	c := load(t, v, "demo", "--listen", "127.0.0.1:7000", "--confirmation-by=portal")
	if c.Listen != "127.0.0.1:7000" || c.OpsListen != "127.0.0.1:9001" {
		t.Errorf("Listen = %q, OpsListen = %q: the flag wins, else the variable", c.Listen, c.OpsListen)
	}
	if c.ProveFor != 20*time.Minute || c.LimitScale != 2.5 || c.CodeTries != 3 || c.ConfirmationBy != "portal" {
		t.Errorf("ProveFor %s, LimitScale %v, CodeTries %d, ConfirmationBy %q", c.ProveFor, c.LimitScale, c.CodeTries, c.ConfirmationBy)
	}
	if want := []string{"10.0.0.1/32", "2001:db8::/32"}; !slices.Equal(c.TrustedProxies, want) {
		t.Errorf("TrustedProxies = %q, want %q", c.TrustedProxies, want)
	}
}

func TestSecretsStandInFiles(t *testing.T) {
	args := slices.DeleteFunc(served(t), func(s string) bool { return s == "--portal-token" || s == "token" })
	for _, text := range []string{"  from the file\n", "\ufefffrom the file\r\n"} {
		v := variables{"LATCHKEY_PORTAL_TOKEN_FILE": file(t, text)}
		if got, want := load(t, v, args...).PortalToken, "from the file"; got != want {
			t.Errorf("PortalToken = %q, want %q", got, want)
		}
	}
	for _, tt := range []struct {
		name string
		v    variables
		want string
	}{
		{"both", variables{"LATCHKEY_PORTAL_TOKEN_FILE": file(t, "a"), "LATCHKEY_PORTAL_TOKEN": "b"}, "LATCHKEY_PORTAL_TOKEN and LATCHKEY_PORTAL_TOKEN_FILE: give one"},
		{"missing", variables{"LATCHKEY_PORTAL_TOKEN_FILE": filepath.Join(t.TempDir(), "no")}, "there is no such file"},
		{"folder", variables{"LATCHKEY_PORTAL_TOKEN_FILE": t.TempDir()}, "is a folder"},
		{"empty", variables{"LATCHKEY_PORTAL_TOKEN_FILE": file(t, "\n")}, "the file is empty"},
	} {
		if got := faults(t, tt.v, args...); len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("%s: %q, want one fault that says %q", tt.name, got, tt.want)
		}
	}
}

// A flag that names a secret's file and is not in the list of secrets would be taken, and its file read by nobody.
func TestEveryFileOfASecretIsRead(t *testing.T) {
	var reference strings.Builder
	if err := config.Reference(&reference); err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile("(?m)^\\| `--([a-z-]+-file)`").FindAllStringSubmatch(reference.String(), -1)
	if len(flags) < 10 {
		t.Fatalf("flags of files: %v", flags)
	}
	for _, flag := range flags {
		_, err := config.Load(append(served(t), "--"+flag[1], filepath.Join(t.TempDir(), "no")), variables(nil).get)
		if err == nil || !strings.Contains(err.Error(), "--"+flag[1]) {
			t.Errorf("nobody reads the file of --%s: Options.secrets lacks it", flag[1])
		}
	}
}

// Another secret in the place of the database's URL would become the name of a file, and be shown.
func TestADatabaseFileHoldsADatabase(t *testing.T) {
	for text, ok := range map[string]bool{
		"postgres://a:b@db.example.com/a\n": true, "postgresql://db.example.com/a": true, "sqlite:/var/lib/a.db": true,
		"tok-portal-1234567890": false, "# The keys\nkey 5f3da246 FQ37hp": false, "postgres://a@db/a\nhunter2": false,
	} {
		v := variables{"LATCHKEY_DATABASE_FILE": file(t, text)}
		if ok {
			if got := load(t, v, served(t)...).Database; got != strings.TrimSpace(text) {
				t.Errorf("%q: database %q", text, got)
			}
			continue
		}
		got := faults(t, v, served(t)...)
		if len(got) != 1 || !strings.Contains(got[0], "LATCHKEY_DATABASE_FILE") || !strings.Contains(got[0], "holds no database") ||
			strings.Contains(got[0], "1234567890") || strings.Contains(got[0], "FQ37hp") || strings.Contains(got[0], "hunter2") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestOtherCommands(t *testing.T) {
	if c := load(t, nil, "keys"); c.Command != config.Keys {
		t.Errorf("Command = %q", c.Command)
	}
	if c := load(t, nil, "version"); c.Command != config.Version {
		t.Errorf("Command = %q", c.Command)
	}
	if c := load(t, nil, "migrate", "--data", "d"); c.Command != config.Migrate || c.Database != filepath.Join("d", "latchkey.db") {
		t.Errorf("Command = %q, Database = %q", c.Command, c.Database)
	}
	c := load(t, nil, "erase", "a@example.com", "--database", "x.db", "--keys", "text")
	if c.Command != config.Erase || c.Email != "a@example.com" || c.Database != "x.db" || c.Keys != "text" {
		t.Errorf("erase: %+v", c)
	}
	if got := faults(t, nil, "erase", "a@example.com"); len(got) != 1 || !strings.Contains(got[0], "--keys-file") {
		t.Errorf("erase without keys: %q", got)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"demo", "--help"}, {"serve", "--listen", "x", "--help"}} {
		c := load(t, nil, args...)
		if c.Command != config.Help || !strings.Contains(c.Usage, "Usage: latchkey") {
			t.Errorf("Load(%q): %q, %.80q", args, c.Command, c.Usage)
		}
	}
	for _, args := range [][]string{{"help"}, {"help", "--help"}} {
		if c := load(t, nil, args...); c.Command != config.Help || !strings.Contains(c.Usage, "Usage: latchkey") {
			t.Errorf("Load(%q): %q, %.80q", args, c.Command, c.Usage)
		}
	}
	var reference strings.Builder
	if err := config.Reference(&reference); err != nil {
		t.Fatal(err)
	}
	if c := load(t, nil, "help", "config"); c.Command != config.Help || !strings.HasSuffix(c.Usage, reference.String()) {
		t.Errorf("help config: %q, %.80q", c.Command, c.Usage)
	}
	if c, want := load(t, nil, "help", "link"), load(t, nil, "link", "--help"); c.Command != config.Help || c.Usage != want.Usage {
		t.Errorf("help link: %q, %.80q", c.Command, c.Usage)
	}
	if got := faults(t, nil, "help", "me"); len(got) != 1 || !strings.HasPrefix(got[0], `help "me": is none of config, demo, serve`) {
		t.Errorf("help me: %q", got)
	}
	usage := load(t, nil, "serve", "--help").Usage
	for _, want := range []string{"--public-url=URL", "$LATCHKEY_PUBLIC_URL", "--prove-ttl=TIME", "--smtp-address=HOST:PORT"} {
		if !strings.Contains(usage, want) {
			t.Errorf("the help of serve lacks %s:\n%s", want, usage)
		}
	}
}

// Who erases a person from a demo's folder, or makes a link for it, need not say where its keys are.
func TestKeysOfTheFolderAreFound(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.KeysFileName), []byte("the keys"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := func(string) string { return "" }
	for _, command := range [][]string{
		{"erase", "ann@example.com"}, {"link", "--ticket", "1", "--public-url", "https://help.example.com"},
	} {
		c, err := config.Load(append(command, "--data", dir), none)
		if err != nil || c.Keys != "the keys" {
			t.Errorf("%s: keys %q, %v", command[0], c.Keys, err)
		}
		c, err = config.Load(append(command, "--data", dir, "--keys", "others"), none)
		if err != nil || c.Keys != "others" {
			t.Errorf("%s is told of keys: %q, %v", command[0], c.Keys, err)
		}
		if _, err := config.Load(append(command, "--data", t.TempDir()), none); err == nil {
			t.Errorf("%s: a folder without keys is taken", command[0])
		}
	}
}

// A proxy that asks /readyz often, or none at all, has no use for a delay.
func TestDrainDelay(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want time.Duration
	}{
		{served(t), 5 * time.Second},
		{append(served(t), "--drain-delay", "0s"), 0},
		{append(served(t), "--drain-delay", "0"), 0},
		{append(served(t), "--drain-delay", "2s"), 2 * time.Second},
		{[]string{"demo"}, 0},
		{[]string{"demo", "--drain-delay", "2s"}, 2 * time.Second},
	} {
		if c := load(t, nil, tt.args...); *c.DrainDelay != tt.want {
			t.Errorf("%q: %s, want %s", tt.args, *c.DrainDelay, tt.want)
		}
	}
	if got := faults(t, nil, "demo", "--drain-delay", "-1s"); len(got) != 1 {
		t.Errorf("before the end: %q", got)
	}
}

func TestFilesOfSecretsAreNamed(t *testing.T) {
	name := file(t, "s3cret-of-twenty-characters")
	c := load(t, variables{"LATCHKEY_CONSOLE_TOKEN_FILE": name}, "demo")
	if got := c.SecretFiles(); len(got) != 1 || got[0] != (config.SecretFile{Flag: "console-token-file", Name: name}) {
		t.Errorf("got %v", got)
	}
}
