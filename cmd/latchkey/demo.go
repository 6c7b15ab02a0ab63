package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/demo"
	"latchkey/internal/gitlab/gitlabtest"
	"latchkey/internal/ops"
	"latchkey/internal/secret"
)

// runDemo runs everything in one process: Latchkey, a demo customer portal that it reaches over HTTP alone,
// and an inbox on the ops listener.
func runDemo(ctx context.Context, o config.Options, stdout, stderr io.Writer) error {
	if err := makeFolder(o.Data); err != nil {
		return err
	}
	keys, err := demoKeys(o)
	if err != nil {
		return err
	}
	at, err := listenDemo(ctx, o)
	if err != nil {
		return err
	}
	defer at.close()
	o = demoConsole(demoOptions(o, at), keys)
	log, endLog := openLog(stderr, o.Log)
	defer endLog()
	s, err := openStage(ctx, o, at, log)
	if err != nil {
		return err
	}
	defer s.close()
	if err := loadAccounts(ctx, o.Accounts, s.portal, stderr); err != nil {
		return err
	}
	fresh := o.SampleCases && newDatabase(o.Storage)
	a, err := assembleDemo(ctx, o, keys, at, s, log)
	if err != nil {
		return err
	}
	if fresh {
		if err := fillMonth(ctx, a.store, keys); err != nil {
			return errors.Join(err, a.store.Close())
		}
	}
	if err := banner(stdout, o, at); err != nil {
		return errors.Join(err, a.store.Close())
	}
	return a.run(ctx, server{"pages", at.pages, a.pages}, server{"demo customer portal", at.portal, s.handler()},
		server{"ops", at.ops, a.surface})
}

// assembleDemo puts Latchkey together and the inbox onto the ops listener.
func assembleDemo(
	ctx context.Context, o config.Options, keys *secret.Ring, at demoListeners, s stage, log *slog.Logger,
) (*app, error) {
	p := parts{
		demo: true, keys: keys, sender: s.inbox, reads: reads{s.portal, s.portal.Suppressions()},
		webhookKeys: o.WebhookKeys(), consoleURL: o.ConsoleURL,
	}
	if o.Mail.By == "inbox" || at.mail != nil {
		p.inboxURL = originOf(at.ops) + "/inbox"
	}
	if err := p.replace(o); err != nil {
		return nil, err
	}
	a, err := assemble(ctx, o, p, log)
	if err != nil {
		return nil, err
	}
	if err := mountStage(a.surface, o, at, s); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	return a, nil
}

// replace puts what was asked for in the place of the demo's own inbox and mail log.
func (p *parts) replace(o config.Options) error {
	var err error
	if o.Mail.By != "inbox" {
		if p.sender, err = newSender(o); err != nil {
			return err
		}
	}
	if p.counts, err = newCounts(o); err != nil {
		return err
	}
	found, err := newReads(o.MailLog)
	if found.mailLog != nil {
		p.mailLog = found.mailLog
	}
	if found.suppressions != nil {
		p.suppressions = found.suppressions
	}
	return err
}

// demoListeners are open before anything is made, so that the URLs are known. Those of a mail service and of
// a desk are nil where the demo brings none.
type demoListeners struct{ pages, ops, portal, mail, desk net.Listener }

func listenDemo(ctx context.Context, o config.Options) (at demoListeners, err error) {
	for _, l := range []struct {
		wanted        bool
		at            *net.Listener
		address, flag string
	}{
		{true, &at.pages, o.Listen, "listen"},
		{true, &at.ops, o.OpsListen, "ops-listen"},
		{true, &at.portal, o.PortalListen, "portal-listen"},
		{o.OwnMailgun(config.Demo), &at.mail, "127.0.0.1:0", "mailgun-base"},
		{o.OwnDesk(config.Demo), &at.desk, "127.0.0.1:0", "zendesk-url"},
	} {
		if !l.wanted {
			continue
		}
		if *l.at, err = listen(ctx, l.address, l.flag); err != nil {
			at.close()
			return demoListeners{}, err
		}
	}
	return at, nil
}

func (at demoListeners) close() {
	for _, l := range []net.Listener{at.pages, at.ops, at.portal, at.mail, at.desk} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// demoOptions fills in what the demo knows of itself. The portal's token lives as long as the process unless
// one is given: but for who tries conformance on the demo, the demo is the only one who asks.
func demoOptions(o config.Options, at demoListeners) config.Options {
	if o.PublicURL == "" {
		o.PublicURL = originOf(at.pages)
	}
	o.PortalURL = originOf(at.portal)
	if o.PortalToken == "" {
		o.PortalToken = secret.NewCookieID()
	}
	o.PortalOrigins = append(o.PortalOrigins, originOf(at.portal))
	if o.GitLabURL == "" {
		o.GitLabURL, o.GitLabToken = originOf(at.portal), secret.NewCookieID()
	}
	if o.OIDCClientID == "" {
		o.OIDCIssuer, o.OIDCClientID, o.OIDCClientSecret = originOf(at.portal), "latchkey", secret.NewCookieID()
	}
	if o.ConsoleURL == "" {
		o.ConsoleURL = originOf(at.ops)
	}
	if at.mail != nil {
		o = ownMailgun(o, at.mail)
	}
	if at.desk != nil {
		o = ownDesk(o, at.desk)
	}
	return o
}

// demoConsole has a token of its own where nobody else may sign in. It stays for as long as the demo's keys do.
func demoConsole(o config.Options, keys *secret.Ring) config.Options {
	if !o.ConsoleOn() {
		o.ConsoleToken = keys.HashLimit("console", "the demo's token")[:demoTokenLength]
	}
	return o
}

const demoTokenLength = 24

// stage is what stands around Latchkey in the demo.
type stage struct {
	inbox  *demo.Inbox
	portal *demo.Portal
	gitlab *gitlabtest.Server
	openID *demo.OpenID // nil: customers sign in elsewhere
	mail   *mailService // nil: the inbox takes Latchkey's mail itself, or another service does
	desk   *supportDesk // nil: hand-offs go elsewhere
}

func openStage(ctx context.Context, o config.Options, at demoListeners, log *slog.Logger) (stage, error) {
	inbox, err := demo.OpenInbox(ctx, demo.InboxConfig{DataDir: o.Data, From: o.MailFrom, Now: time.Now})
	if err != nil {
		return stage{}, err
	}
	var service *mailService
	if at.mail != nil {
		service = newMailService(o, at, inbox, log)
	}
	portal, err := demo.OpenPortal(ctx, demo.Config{
		DataDir: o.Data, Token: o.PortalToken, Inbox: inbox, Now: time.Now, Mailed: service.sent,
		PublicURL:   func() string { return originOf(at.portal) },
		LatchkeyURL: func() string { return o.PublicURL }, NoCustomers: o.Accounts != "",
	})
	if err != nil {
		service.close()
		return stage{}, errors.Join(err, inbox.Close())
	}
	gitlab := gitlabtest.New(gitlabtest.Options{Users: demoIdentities{portal}, Token: o.GitLabToken})
	openID, err := newDemoOpenID(portal, o, originOf(at.portal))
	s := stage{inbox, portal, gitlab, openID, service, nil}
	if err == nil && at.desk != nil {
		s.desk, err = newSupportDesk(o, at.desk, inbox, log)
	}
	if err != nil {
		s.close()
		return stage{}, err
	}
	if err := service.remember(ctx, portal, time.Now()); err != nil {
		s.close()
		return stage{}, err
	}
	return s, nil
}

func (s stage) close() {
	s.mail.close()
	s.desk.close()
	s.gitlab.Close()
	_ = errors.Join(s.portal.Close(), s.inbox.Close())
}

// handler is what answers on the demo portal's listener.
func (s stage) handler() http.Handler { return withGitLab(s.portal.Handler(), s.gitlab, s.openID) }

// demoKeys are the demo's own, unless --keys-file names others.
func demoKeys(o config.Options) (*secret.Ring, error) {
	ring := o.KeyRing
	if ring.Keys == "" {
		var err error
		ring.KeysFile = filepath.Join(o.Data, config.KeysFileName)
		if ring.Keys, err = ownKeys(o.Data); err != nil {
			return nil, fmt.Errorf("the demo's keys: %w", err)
		}
	}
	return parseKeys(ring)
}

// mountStage puts the inbox and the demo's first page onto the ops listener.
func mountStage(surface *ops.Surface, o config.Options, at demoListeners, s stage) error {
	index, err := demo.Index(demo.IndexConfig{
		LatchkeyURL: func() string { return o.PublicURL },
		PortalURL:   func() string { return originOf(at.portal) }, NoCustomers: o.Accounts != "", Desk: s.desk != nil,
	})
	if err != nil {
		return err
	}
	for pattern, h := range map[string]http.Handler{
		"GET /{$}": index, "GET /inbox": s.inbox, "GET /inbox/": s.inbox, "GET /inbox.json": s.inbox,
	} {
		surface.Mount(pattern, h)
	}
	if s.desk == nil {
		return nil
	}
	tickets, err := demo.Desk(s.desk.tickets)
	for _, pattern := range []string{"GET /desk", "GET /desk/", "GET /desk.json"} {
		surface.Mount(pattern, tickets)
	}
	return err
}
