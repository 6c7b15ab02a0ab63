package demo

import (
	"bytes"
	"context"
	"strings"

	"latchkey/internal/account"
)

// Who the demo's other systems sign their mail as.
const (
	portalSender   = "Acme Customers Portal <no-reply@" + PortalMailDomain + ">"
	identitySender = "GitLab <gitlab@" + IdentityMailDomain + ">"
)

// mailConfirmation mails a link to the address that waits for its confirmation; errNothingToConfirm if
// none does.
func (p *Portal) mailConfirmation(ctx context.Context, a account.Account) error {
	to := a.UnconfirmedEmail
	if to == "" && !a.Confirmed() {
		to = a.Email
	}
	if to == "" {
		return errNothingToConfirm
	}
	link, err := p.newLink(ctx, linkConfirm, a.ID, to, mailedLifetime)
	if err != nil {
		return err
	}
	if listed, err := p.Suppressions().Of(ctx, to); err != nil || len(listed) > 0 {
		return err // the mail service takes the mail and sends nothing
	}
	if err := logMail(ctx, p.db, PortalMailDomain, to, logConfirmation, p.cfg.Now()); err != nil {
		return err
	}
	return p.mail(ctx, portalSender, to, "confirmation", otherMail{Name: a.Name, To: to, URL: link.URL})
}

func (p *Portal) mailReset(ctx context.Context, i account.Identity) error {
	return p.mail(ctx, identitySender, i.Email, "reset", otherMail{Name: i.Username, To: i.Email})
}

// otherMail is what the mails of the portal and of the identity provider say.
type otherMail struct{ Name, To, URL string }

// mail puts a mail of another system than Latchkey into the inbox. Its template's first line is the
// subject.
func (p *Portal) mail(ctx context.Context, from, to, kind string, data otherMail) error {
	var text, html bytes.Buffer
	if err := p.pages.mails.ExecuteTemplate(&text, kind+".txt", data); err != nil {
		return err
	}
	if err := p.pages.htmlMails.ExecuteTemplate(&html, kind+".html", data); err != nil {
		return err
	}
	subject, body, _ := strings.Cut(text.String(), "\n")
	domain := strings.TrimSuffix(from[strings.LastIndexByte(from, '@')+1:], ">")
	if p.cfg.Mailed != nil {
		p.cfg.Mailed(domain, to, subject, p.cfg.Now())
	}
	if p.cfg.Inbox == nil || canonical(to) == BouncedAddress {
		return nil
	}
	_, id := newSecret()
	id = "demo-" + id[:24]
	return p.cfg.Inbox.put(ctx, Mail{
		ID: id, To: to, From: from, Subject: subject, Text: strings.TrimLeft(body, "\n"), HTML: html.String(),
		At: p.cfg.Now(), Tags: []string{kind},
		Headers: map[string]string{"Message-ID": "<" + id + "@" + domain + ">"},
	})
}
