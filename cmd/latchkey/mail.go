package main

import (
	"net"
	"strconv"

	"latchkey/internal/config"
	"latchkey/internal/mail"
	"latchkey/internal/recovery"
)

// newSender makes the one that --mail names; the demo's inbox is made elsewhere. What a sender refuses is
// a fault of the configuration.
func newSender(o config.Options) (recovery.Sender, error) {
	if o.Mail.By == "mailgun" {
		s, err := mail.NewMailgun(mail.MailgunConfig{
			Domain: o.MailgunDomain, APIKey: o.MailgunKey, Base: o.MailgunBase, From: o.MailFrom,
		})
		return s, asFault("mail", err)
	}
	s, err := mail.NewSMTP(smtpConfig(o))
	return s, asFault("mail", err)
}

func smtpConfig(o config.Options) mail.SMTPConfig {
	host, port, _ := net.SplitHostPort(o.SMTPAddress) // config has checked it
	number, _ := strconv.Atoi(port)
	return mail.SMTPConfig{
		Host: host, Port: number, Username: o.SMTPUser, Password: o.SMTPPassword, From: o.MailFrom,
		TLS: map[string]mail.SMTPTLS{
			"starttls": mail.SMTPStartTLS, "tls": mail.SMTPImplicit, "none": mail.SMTPPlain,
		}[o.SMTPTLS],
	}
}

// newMailLog is nil where none is configured: then the check is not made and not listed.
func newMailLog(o config.Options) (recovery.MailLog, error) {
	if o.MailLog.By != "mailgun" {
		return nil, nil
	}
	l, err := mail.NewLog(mail.LogConfig{
		Identity: logDomains(o.IdentityMailDomains, o.IdentityMailKey, o.MailgunBase),
		Portal:   logDomains(o.PortalMailDomains, o.PortalMailKey, o.MailgunBase),
	})
	return l, asFault("mail-log", err)
}

func logDomains(domains []string, key, base string) []mail.LogDomain {
	var all []mail.LogDomain
	for _, d := range domains {
		all = append(all, mail.LogDomain{Domain: d, APIKey: key, Base: base})
	}
	return all
}

func asFault(flag string, err error) error {
	if err == nil {
		return nil
	}
	return config.Faults{"--" + flag + ": " + err.Error()}
}
