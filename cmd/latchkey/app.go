package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"latchkey/assets"
	"latchkey/handlers"
	"latchkey/internal/config"
	"latchkey/internal/customerportal"
	"latchkey/internal/desk"
	"latchkey/internal/diagnosis"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/ops"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
	"latchkey/templates"
)

// parts are what differs between demo and serve.
type parts struct {
	demo   bool
	keys   *secret.Ring
	sender recovery.Sender
	counts limit.Store // of the limits of pages; nil: in memory
	reads
	webhookKeys []string // of Mailgun's reports; none: no reports are taken
	inboxURL    string   // demo only
	consoleURL  string   // scheme and host of the agent console
}

// app is Latchkey, put together and not yet running.
type app struct {
	options config.Options
	parts
	log     *slog.Logger
	metrics *ops.Metrics
	words   *templates.Renderer
	store   *sqlstore.Store
	portal  *customerportal.Client
	service *recovery.Service
	outbox  *outbox.Outbox // of mails
	desk    *outbox.Outbox // of hand-offs and notes, which a desk that is away holds up alone
	late    *desk.Watch
	limits  handlers.Limits
	// countsAway is what the log was told of the limits' store.
	countsAway fault.Outage
	// mailSpent is what it was told of a budget of all mail that is spent.
	mailSpent fault.Outage
	pages     http.Handler
	crowd     crowd // before pages
	surface   *ops.Surface
}

// assemble puts the parts together. The options are complete by now: the demo has filled in its own URLs.
func assemble(ctx context.Context, o config.Options, p parts, log *slog.Logger) (*app, error) {
	a := &app{options: o, parts: p, log: log, metrics: ops.NewMetrics(version())}
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func() error{a.makeService, a.makePages, func() error { return a.seal(ctx) }} {
		if err := step(); err != nil {
			return nil, errors.Join(err, a.store.Close())
		}
	}
	ready := &readiness{ping: a.store.Ping, log: log, now: time.Now}
	a.surface = ops.New(ops.Config{Metrics: a.metrics, Ping: ready.ask, LoopbackNames: p.demo})
	a.surface.Mount("GET /openapi.yaml", http.HandlerFunc(serveSpec))
	if err := errors.Join(a.mountReport(ctx), a.mountConsole()); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	return a, nil
}

// prepare reads all words and opens the database, at the same time: the one computes, the other waits. Words
// with faults leave the tables as they are.
func (a *app) prepare(ctx context.Context) error {
	var words sync.WaitGroup
	var faults error
	words.Go(func() { a.words, faults = newRenderer(a.options, a.inboxURL) })
	store, err := connectStore(ctx, a.options.Storage)
	words.Wait()
	if err = cmp.Or(faults, err); err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil && store != nil {
		return errors.Join(err, store.Close())
	}
	a.store = store
	return err
}

// seal warns where the key file, or the database, is most likely not the one that was meant.
func (a *app) seal(ctx context.Context) error {
	others, err := a.service.Seal(ctx)
	if others > 0 {
		a.log.Warn("this database has been used with other address lines of the key file as well: "+
			"whoever asked for no more mail under one of those is mailed again", "others", others)
	}
	return err
}

// makeService makes the rules and the outbox, which know each other: the rules wake the outbox, and the
// outbox has the rules look for the other address (R2).
func (a *app) makeService() error {
	portal, err := newPortal(a.options, newPortalWatch(a.metrics, a.log, time.Now))
	if err != nil {
		return err
	}
	identities, err := newIdentities(a.options.IdentityAPI, identityMetrics{a.metrics})
	if err != nil {
		return err
	}
	provider, err := newIdentityProvider(a.options)
	if err != nil {
		return err
	}
	support, err := newDesk(a.options, a.sender)
	if err != nil {
		return err
	}
	a.portal = portal
	a.service = recovery.New(recovery.Deps{
		Store: a.store, Portal: portal, MailLog: watchMailLog(a.mailLog, a.log),
		Suppressions: watchSuppressions(a.suppressions, a.log), Identities: watchIdentities(identities, a.log),
		IdentityProvider: provider, Messages: messages(a.words), Keys: a.keys, Now: time.Now, Policy: policy(a.options),
		PublicURL: a.options.PublicURL, Tickets: tickets(support), DeskNotes: takesNotes(support),
		Observe: a.observe, Queued: a.wake,
	})
	a.metrics.WatchQueue(a.store.QueueStats, time.Now)
	a.metrics.WatchHandOffs(a.handOffStats, time.Now)
	a.metrics.WatchRoom(a.store.Full)
	if err := a.makeDesk(support); err != nil {
		return err
	}
	a.outbox, err = outbox.New(outbox.Config{
		Queue: a.store, Sender: a.sender, Composer: a.letters(), Finder: a.service, Now: time.Now,
		Log: a.log, Metrics: outboxMetrics{a.metrics}, Name: a.workerName(), Busy: a.crowd.busy,
	})
	if err == nil {
		a.metrics.WatchPause(a.outbox.Paused)
	}
	return err
}

// messages are what people see when they cannot get in, in the words of every language.
func messages(words *templates.Renderer) diagnosis.Messages {
	var all diagnosis.Messages
	for _, lang := range words.Languages() {
		for _, m := range handlers.Messages(words, lang) {
			if _, known := all.ByID(m.ID); !known {
				all = append(all, m)
			}
		}
	}
	return all
}

// workerName is fixed in the demo, which is alone on its database: what it had in hand when it was killed
// goes out as soon as it is back. Others wait for the lease to lapse.
func (a *app) workerName() string {
	if a.demo {
		return "demo"
	}
	return ""
}

func (a *app) letters() *outbox.Letters {
	return &outbox.Letters{
		Renderer: a.words, Keys: a.keys, PublicURL: a.options.PublicURL, ReplyTo: a.options.ReplyTo,
		ConsoleURL: a.options.ConsoleURL, Support: a.options.SupportEmail, MessageIDDomain: senderDomain(a.options.MailFrom),
	}
}

// makePages makes the HTTP edge.
func (a *app) makePages() (err error) {
	a.limits = countedLimits{limit.New(pageLimits(a.options, a.counts, a.countsAsked)), a.metrics}
	a.crowd.Handler, err = a.pagesOver(a.service)
	a.pages = &a.crowd
	return err
}

// pagesOver is the HTTP edge over these rules.
func (a *app) pagesOver(service handlers.Recovery) (http.Handler, error) {
	var previous *url.URL
	var err error
	if a.options.PreviousURL != "" {
		if previous, err = url.Parse(a.options.PreviousURL); err != nil {
			return nil, err
		}
	}
	return handlers.New(handlers.Config{
		Service: service, Renderer: a.words, Limits: a.limits, Keys: a.keys,
		PublicURL: a.options.PublicURL, TrustedProxies: a.options.TrustedProxies,
		PortalOrigins: a.options.PortalOrigins, IdentityOrigins: identityOrigins(a.options), Reports: a.newReports(), Previous: previous, Demo: a.demo, Log: a.log, Metrics: a.metrics,
		Now: time.Now,
	})
}

// countsAsked counts each request for which memory decides, since the store of the limits is away, and tells the
// log now and then.
func (a *app) countsAsked(err error) {
	if err == nil {
		if after, was := a.countsAway.Over(time.Now()); was {
			a.log.Info("limits are counted in Redis again", "after", after)
		}
		return
	}
	a.metrics.LimitStoreFailed()
	if requests, tell := a.countsAway.Met(time.Now()); tell {
		a.log.Warn("limits fall back to memory", "error", err, "requests", requests)
	}
}

// newRenderer parses all pages and mails; what is wrong in the vendor's own words is a fault of the
// configuration.
func newRenderer(o config.Options, inboxURL string) (*templates.Renderer, error) {
	var own []byte
	if o.Texts != "" {
		var err error
		if own, err = os.ReadFile(o.Texts); err != nil {
			return nil, asFault("texts", cause(err))
		}
	}
	r, err := templates.New(templates.Options{Site: site(o, inboxURL), Asset: assets.Path, Overrides: own})
	if o.Texts != "" {
		err = asFault("texts", err)
	}
	return r, err
}

func site(o config.Options, inboxURL string) templates.Site {
	s := templates.Site{
		Vendor: o.VendorName, Portal: o.PortalName, Identity: o.IdentityName,
		SupportContact: o.SupportContact, MailFrom: senderAddress(o.MailFrom), PrivacyURL: o.PrivacyURL, InboxURL: inboxURL,
		StopFor: o.StopFor,
	}
	if len(o.PortalOrigins) > 0 {
		s.PortalURL = o.PortalOrigins[0]
	}
	return s
}

// senderDomain is the domain of 'Acme <no-reply@mail.example.com>'.
func senderDomain(from string) string {
	_, domain, _ := strings.Cut(senderAddress(from), "@")
	return domain
}

// senderAddress is the address in 'Acme <no-reply@mail.example.com>'.
func senderAddress(from string) string {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return ""
	}
	return a.Address
}
