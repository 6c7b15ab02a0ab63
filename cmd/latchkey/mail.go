package main

import (
	"errors"
	"net"
	"strconv"

	"latchkey/internal/config"
	"latchkey/internal/mail"
	"latchkey/internal/recovery"
)

// newSender makes the one that --mail names; the demo's inbox is made elsewhere. What a sender refuses is
// a fault of the configuration.
func newSender(o config.Options) (recovery.Sender, error) {
	switch o.Mail.By {
	case "mailgun":
		s, err := mail.NewMailgun(mail.MailgunConfig{
			Domain: o.MailgunDomain, APIKey: o.MailgunKey, Base: o.MailgunBase, From: o.MailFrom,
		})
		return s, asFault("mail", err)
	case "smtp":
		s, err := mail.NewSMTP(smtpConfig(o))
		return s, asFault("mail", err)
	}
	return nil, asFault("mail", errors.New("nothing sends by "+o.Mail.By))
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

// reads is what can be looked up of the mails of other systems; nil where it is not configured: then the
// check is not made and not listed.
type reads struct {
	mailLog      recovery.MailLog
	suppressions recovery.Suppressions
}

func newReads(o config.MailLog) (r reads, err error) {
	if o.By == "mailgun" {
		l, err := mail.NewLog(mail.LogConfig{
			Identity: logDomains(o.Identity()), Portal: logDomains(o.Portal()),
			Subjects: resetSubjects(o.ResetSubject), Tags: o.ResetTags, Cache: o.Cache,
		})
		if err != nil {
			return r, asFault("mail-log", err)
		}
		r.mailLog = l
	}
	if o.Suppressions == "mailgun" {
		all, err := newSuppressions(logDomains(o.Portal()))
		if err != nil {
			return r, asFault("mail-suppressions", err)
		}
		r.suppressions = all
	}
	return r, nil
}

func newSuppressions(domains []mail.LogDomain) (mail.SuppressionsOfAll, error) {
	var all mail.SuppressionsOfAll
	for _, d := range domains {
		s, err := mail.NewSuppressions(d)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// resetSubjects is none where none is configured: the mail log has its own.
func resetSubjects(pattern string) []string {
	if pattern == "" {
		return nil
	}
	return []string{pattern}
}

func logDomains(domains []config.MailDomain) []mail.LogDomain {
	all := make([]mail.LogDomain, len(domains))
	for i, d := range domains {
		all[i] = mail.LogDomain{Domain: d.Domain, APIKey: d.Key, Base: d.Base}
	}
	return all
}

func asFault(flag string, err error) error {
	if err == nil {
		return nil
	}
	return config.Faults{"--" + flag + ": " + err.Error()}
}
