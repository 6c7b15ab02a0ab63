package config

import (
	"os"
	"strings"
	"time"
)

// check holds the rules between values. What is wrong with one value alone was noted when it was read.
func (p *parsing) check(c Config) {
	switch c.Command {
	case Demo:
		p.checkDemo(c.Options)
		p.checkReadable(c.Accounts, "accounts")
	case Serve:
		p.checkServe(c.Options)
	case Erase:
		p.need(c.Keys, "keys-file", "the file of keys, by which the address's rows are found")
		return
	case Link:
		p.checkSupportLink(c)
		return
	case Diagnose:
		p.checkDiagnose(c.Options)
	case Report:
		if c.Period.JSON && c.Period.CSV {
			p.fault("--json and --csv: give one of them")
		}
		return
	case Conformance:
		p.checkCandidate(c.Candidate)
		return
	default:
		return
	}
	p.checkTimes(c.Times)
	if c.OthersAtMost > mostOthers {
		p.fault("%s \"%d\": is over %d", p.name("others-at-most"), c.OthersAtMost, mostOthers)
	}
	p.checkReadable(c.Texts, "texts")
}

// mostOthers is R2's: 'mail the other address' goes to no more.
const mostOthers = 3

// need notes a value that has to be there and is not. Where its text was refused, that was said already.
func (p *parsing) need(value, flag, what string) {
	if value != "" {
		return
	}
	for _, f := range p.faults {
		for _, name := range []string{"--" + flag, variable(flag)} {
			if strings.HasPrefix(f, name+" ") || strings.HasPrefix(f, name+":") {
				return
			}
		}
	}
	p.fault("--%s (or %s) is missing: %s", flag, variable(flag), what)
}

func (p *parsing) checkDemo(o Options) {
	if o.Mail.By != "inbox" && !o.OwnMailgun(Demo) {
		p.checkMail(o)
	}
	if !o.OwnMailgun(Demo) {
		p.checkMailLog(o.MailLog)
	}
	p.checkIdentityAPI(o.IdentityAPI)
	p.checkOpenID(o.OpenID)
	if !o.OwnDesk(Demo) {
		p.checkDesk(o.Desk)
	}
	p.checkConsole(o)
	if o.PublicURL != "" && strings.HasPrefix(o.PublicURL, "http:") && !loopback(hostOf(o.PublicURL)) {
		p.fault("%s %q: is http; only this machine may go without https", p.name("public-url"), o.PublicURL)
	}
}

func (p *parsing) checkServe(o Options) {
	p.need(o.Keys, "keys-file", "a file of keys; 'latchkey keys' prints a new one")
	p.need(o.PublicURL, "public-url", "where customers reach Latchkey, such as https://help.example.com")
	p.need(o.PortalURL, "portal-url", "where the Customer Portal API answers")
	p.need(o.PortalToken, "portal-token-file", "the file of the Customer Portal API's bearer token")
	p.need(strings.Join(o.PortalOrigins, ","), "portal-origins", "the only places a sign-in may lead to")
	p.need(o.SupportEmail, "support-email", "where support is written to")
	p.checkDesk(o.Desk)
	p.need(o.Mail.By, "mail", "smtp or mailgun")
	if o.Mail.By == "inbox" {
		p.fault("%s: the inbox is the demo's; want smtp or mailgun", p.name("mail"))
	}
	p.checkMail(o)
	p.checkMailLog(o.MailLog)
	p.checkIdentityAPI(o.IdentityAPI)
	p.checkOpenID(o.OpenID)
	p.checkConsole(o)
}

// checkDiagnose asks for no more than what is needed to look.
func (p *parsing) checkDiagnose(o Options) {
	p.need(o.PortalURL, "portal-url", "where the Customer Portal API answers")
	p.need(o.PortalToken, "portal-token-file", "the file of the Customer Portal API's bearer token")
	p.checkMailLog(o.MailLog)
	p.checkIdentityAPI(o.IdentityAPI)
}

func (p *parsing) checkIdentityAPI(i IdentityAPI) {
	if i.GitLabURL != "" || i.GitLabToken != "" {
		p.need(i.GitLabURL, "gitlab-url", "the GitLab to ask, such as https://gitlab.com")
		p.need(i.GitLabToken, "gitlab-token-file", "the file of an administrator's access token")
	}
}

func (p *parsing) checkOpenID(i OpenID) {
	if i.OIDCClientSecret != "" || len(i.OIDCOrigins) > 0 {
		p.need(i.OIDCClientID, "oidc-client-id", "Latchkey's client at the identity provider")
	}
}

func (p *parsing) checkMail(o Options) {
	switch o.Mail.By {
	case "smtp":
		p.need(o.SMTPAddress, "smtp-address", "the SMTP server, such as mail.example.com:587")
		p.checkSMTP(o.Mail)
	case "mailgun":
		p.need(o.MailgunDomain, "mailgun-domain", "Latchkey's own sending domain")
		p.need(o.MailgunKey, "mailgun-key-file", "the file of Mailgun's sending key")
	default:
		return
	}
	p.need(o.MailFrom, "mail-from", "whom mails are from, such as 'Acme <no-reply@mail.example.com>'")
}

func (p *parsing) checkSMTP(m Mail) {
	host, _, _ := strings.Cut(m.SMTPAddress, ":")
	if strings.HasPrefix(m.SMTPAddress, "[") {
		host = strings.Trim(m.SMTPAddress[:strings.LastIndexByte(m.SMTPAddress, ':')], "[]")
	}
	if m.SMTPTLS == "none" && m.SMTPAddress != "" && !loopback(host) {
		p.fault("%s none: only a server on this machine may go without", p.name("smtp-tls"))
	}
	if (m.SMTPUser == "") != (m.SMTPPassword == "") {
		p.fault("--smtp-user and --smtp-password-file: give both or none")
	}
}

func (p *parsing) checkMailLog(l MailLog) {
	if l.By == "mailgun" {
		p.need(strings.Join(l.IdentityMailDomains, ","), "identity-mail-domains", "the identity provider's sending domains")
		p.checkMailKeys(l.Identity(), l.IdentityMailKey, "identity-mail-key-file")
	}
	if l.By == "mailgun" || l.Suppressions == "mailgun" {
		p.need(strings.Join(l.PortalMailDomains, ","), "portal-mail-domains", "the customer portal's sending domains")
		p.checkMailKeys(l.Portal(), l.PortalMailKey, "portal-mail-key-file")
	}
}

func (p *parsing) checkMailKeys(domains []MailDomain, given, flag string) {
	p.need(given, flag, "the file of their Mailgun keys")
	for _, d := range domains {
		if given != "" && d.Key == "" {
			p.fault("--%s (or %s) has no key for %s", flag, variable(flag), d.Domain)
		}
	}
}

// maxPortalTimeout is R5's: a customer waits no longer for the customer portal.
const maxPortalTimeout = 5 * time.Second

func (p *parsing) checkTimes(t Times) {
	for _, order := range []struct {
		shorter, longer   time.Duration
		shorterF, longerF string
	}{
		{t.SameCodeMin, t.ProveFor, "same-code-left", "prove-ttl"},
		{t.PortalTimeout, t.ClaimFor, "portal-timeout", "claim-ttl"},
		{t.ProofIdle, t.ProofMax, "proof-idle", "proof-max"},
		{t.IdentityFor, t.ProofMax, "oidc-ttl", "proof-max"},
		{t.ProofMax, t.KeepCases, "proof-max", "keep-cases"},
		{t.DisownFor, t.KeepCases, "disown-ttl", "keep-cases"},
		{t.StopLinkFor, t.KeepCases, "stop-link-ttl", "keep-cases"},
	} {
		if order.shorter >= order.longer && order.longer > 0 {
			p.fault("--%s (%s) has to be shorter than --%s (%s)", order.shorterF, order.shorter, order.longerF, order.longer)
		}
	}
	if t.PortalTimeout > maxPortalTimeout {
		p.fault("%s %q: is over %s", p.name("portal-timeout"), t.PortalTimeout, maxPortalTimeout)
	}
}

// checkReadable notes a file that cannot be opened.
func (p *parsing) checkReadable(file, flag string) {
	if file == "" {
		return
	}
	if f, err := os.Open(file); err != nil {
		p.fault("%s %q: %s", p.name(flag), file, fileFault(err))
	} else {
		_ = f.Close()
	}
}
