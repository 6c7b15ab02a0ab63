package config

import (
	"strings"
	"unicode"
)

// MailDomain is a sending domain of another system, with the key that reads its log.
type MailDomain struct{ Domain, Key, Base string }

// Identity are the identity provider's.
func (l MailLog) Identity() []MailDomain {
	return mailDomains(l.IdentityMailDomains, l.IdentityMailKey, l.IdentityMailBase)
}

// Portal are the customer portal's.
func (l MailLog) Portal() []MailDomain {
	return mailDomains(l.PortalMailDomains, l.PortalMailKey, l.PortalMailBase)
}

// mailDomains gives each domain its own key, or else the one that names no domain; "" where there is none.
func mailDomains(domains []string, keys, base string) []MailDomain {
	own, shared := mailKeys(keys)
	all := make([]MailDomain, len(domains))
	for i, d := range domains {
		all[i] = MailDomain{Domain: d, Key: shared, Base: base}
		if key, ok := own[d]; ok {
			all[i].Key = key
		}
	}
	return all
}

func mailKeys(text string) (own map[string]string, shared string) {
	own = map[string]string{}
	for _, item := range items(text) {
		if domain, key, ok := strings.Cut(item, "="); ok {
			own[strings.ToLower(domain)] = key
		} else {
			shared = item
		}
	}
	return own, shared
}

// WebhookKeys are the keys of --mailgun-webhook-key, in their order.
func (m Mail) WebhookKeys() []string { return items(m.MailgunWebhookKey) }

// items are what stands between commas, spaces and line breaks.
func items(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}
