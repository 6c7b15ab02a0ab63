package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
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
	o = demoOptions(o, at)
	s, err := openStage(ctx, o, at)
	if err != nil {
		return err
	}
	defer s.close()
	a, err := assembleDemo(ctx, o, keys, at, s, newLog(stderr, o.Log))
	if err != nil {
		return err
	}
	if err := banner(stdout, o, at); err != nil {
		return errors.Join(err, a.store.Close())
	}
	return a.run(ctx, server{"pages", at.pages, a.pages}, server{"demo customer portal", at.portal, s.handler()},
		server{"ops", at.ops, a.surface})
}

// assembleDemo puts Latchkey together with the demo's own mail and mail log, and the inbox onto the ops
// listener. --mail puts another sender in the inbox's place.
func assembleDemo(
	ctx context.Context, o config.Options, keys *secret.Ring, at demoListeners, s stage, log *slog.Logger,
) (*app, error) {
	p := parts{demo: true, keys: keys, sender: s.inbox, mailLog: s.portal, inboxURL: originOf(at.ops) + "/inbox"}
	if o.Mail.By != "inbox" {
		var err error
		if p.sender, err = newSender(o); err != nil {
			return nil, err
		}
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

// demoListeners are open before anything is made, so that the URLs are known.
type demoListeners struct{ pages, ops, portal net.Listener }

func listenDemo(ctx context.Context, o config.Options) (at demoListeners, err error) {
	for _, l := range []struct {
		at            *net.Listener
		address, flag string
	}{
		{&at.pages, o.Listen, "listen"},
		{&at.ops, o.OpsListen, "ops-listen"},
		{&at.portal, o.PortalListen, "portal-listen"},
	} {
		if *l.at, err = listen(ctx, l.address, l.flag); err != nil {
			at.close()
			return demoListeners{}, err
		}
	}
	return at, nil
}

func (at demoListeners) close() {
	for _, l := range []net.Listener{at.pages, at.ops, at.portal} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// demoOptions fills in what the demo knows of itself. The portal's token lives as long as the process: the
// demo is the only one who asks.
func demoOptions(o config.Options, at demoListeners) config.Options {
	if o.PublicURL == "" {
		o.PublicURL = originOf(at.pages)
	}
	o.PortalURL = originOf(at.portal)
	o.PortalToken = secret.NewCookieID()
	o.PortalOrigins = append(o.PortalOrigins, originOf(at.portal))
	if o.GitLabURL == "" {
		o.GitLabURL, o.GitLabToken = originOf(at.portal), secret.NewCookieID()
	}
	return o
}

// stage is what stands around Latchkey in the demo.
type stage struct {
	inbox  *demo.Inbox
	portal *demo.Portal
	gitlab *gitlabtest.Server
}

func openStage(ctx context.Context, o config.Options, at demoListeners) (stage, error) {
	inbox, err := demo.OpenInbox(ctx, demo.InboxConfig{DataDir: o.Data, From: o.MailFrom, Now: time.Now})
	if err != nil {
		return stage{}, err
	}
	portal, err := demo.OpenPortal(ctx, demo.Config{
		DataDir: o.Data, Token: o.PortalToken, Inbox: inbox, Now: time.Now,
		PublicURL:   func() string { return originOf(at.portal) },
		LatchkeyURL: func() string { return o.PublicURL },
	})
	if err != nil {
		return stage{}, errors.Join(err, inbox.Close())
	}
	gitlab := gitlabtest.New(gitlabtest.Options{Users: demoIdentities{portal}, Token: o.GitLabToken})
	return stage{inbox, portal, gitlab}, nil
}

func (s stage) close() {
	s.gitlab.Close()
	_ = errors.Join(s.portal.Close(), s.inbox.Close())
}

// handler is what answers on the demo portal's listener.
func (s stage) handler() http.Handler { return withGitLab(s.portal.Handler(), s.gitlab) }

// demoKeys are the demo's own, unless --keys-file names others.
func demoKeys(o config.Options) (*secret.Ring, error) {
	text := o.Keys
	if text == "" {
		var err error
		if text, err = ownKeys(o.Data); err != nil {
			return nil, fmt.Errorf("the demo's keys: %w", err)
		}
	}
	return parseKeys(text)
}

// mountStage puts the inbox and the demo's first page onto the ops listener.
func mountStage(surface *ops.Surface, o config.Options, at demoListeners, s stage) error {
	index, err := demo.Index(demo.IndexConfig{
		LatchkeyURL: func() string { return o.PublicURL },
		PortalURL:   func() string { return originOf(at.portal) },
	})
	if err != nil {
		return err
	}
	for pattern, h := range map[string]http.Handler{
		"GET /{$}": index, "GET /inbox": s.inbox, "GET /inbox/": s.inbox, "GET /inbox.json": s.inbox,
	} {
		surface.Mount(pattern, h)
	}
	return nil
}
