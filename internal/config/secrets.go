package config

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
)

// secret is a value and the file that it can stand in instead.
type secret struct {
	flag        string
	value, file *string
}

func (o *Options) secrets() []secret {
	return []secret{
		{"database", &o.Database, &o.DatabaseFile},
		{"keys", &o.Keys, &o.KeysFile},
		{"portal-token", &o.PortalToken, &o.PortalTokenFile},
		{"oidc-client-secret", &o.OIDCClientSecret, &o.OIDCClientSecretFile},
		{"console-token", &o.ConsoleToken, &o.ConsoleTokenFile},
		{"console-oidc-client-secret", &o.ConsoleOIDCClientSecret, &o.ConsoleOIDCClientSecretFile},
		{"gitlab-token", &o.GitLabToken, &o.GitLabTokenFile},
		{"smtp-password", &o.SMTPPassword, &o.SMTPPasswordFile},
		{"mailgun-key", &o.MailgunKey, &o.MailgunKeyFile},
		{"mailgun-webhook-key", &o.MailgunWebhookKey, &o.MailgunWebhookKeyFile},
		{"identity-mail-key", &o.IdentityMailKey, &o.IdentityMailKeyFile},
		{"redis-url", &o.RedisURL, &o.RedisURLFile},
		{"zendesk-token", &o.ZendeskToken, &o.ZendeskTokenFile},
		{"webhook-secret", &o.WebhookSecret, &o.WebhookSecretFile},
		{"portal-mail-key", &o.PortalMailKey, &o.PortalMailKeyFile},
	}
}

// SecretFile is a file that a secret was read from.
type SecretFile struct{ Flag, Name string }

// SecretFiles are those that were named.
func (o *Options) SecretFiles() []SecretFile {
	var files []SecretFile
	for _, s := range o.secrets() {
		if *s.file != "" {
			files = append(files, SecretFile{s.flag + "-file", *s.file})
		}
	}
	return files
}

// readSecrets puts what stands in files into the values.
func (p *parsing) readSecrets(all []secret) {
	for _, s := range all {
		if *s.file == "" {
			continue
		}
		if *s.value != "" {
			p.fault("%s and %s: give one of them", p.name(s.flag), p.name(s.flag+"-file"))
			continue
		}
		text, err := os.ReadFile(*s.file)
		if err != nil {
			p.fault("%s %q: %s", p.name(s.flag+"-file"), *s.file, fileFault(err))
			continue
		}
		if *s.value = strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")); *s.value == "" { // some editors begin so
			p.fault("%s %q: the file is empty", p.name(s.flag+"-file"), *s.file)
		}
		if s.flag == "database" && *s.value != "" && !namesDatabase(*s.value) {
			p.fault("%s %q: the file holds no database, such as postgres://USER:PASSWORD@HOST/DATABASE", p.name(s.flag+"-file"), *s.file)
			*s.value = ""
		}
	}
}

// namesDatabase keeps another secret, in the wrong file, from becoming the name of a database file: it would be shown.
func namesDatabase(text string) bool {
	return slices.ContainsFunc([]string{"postgres://", "postgresql://", "sqlite:"}, func(scheme string) bool {
		return strings.HasPrefix(text, scheme)
	}) && !strings.Contains(text, "\n")
}

func fileFault(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read"
	case errors.Is(err, syscall.EISDIR):
		return "is a folder"
	}
	return "cannot be read"
}
