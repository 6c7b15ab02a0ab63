package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// linkPaths are the pages behind mailed links.
var linkPaths = map[recovery.Purpose]string{
	recovery.PurposeProve:   "/prove",
	recovery.PurposeSignIn:  "/sign-in",
	recovery.PurposeConfirm: "/confirm",
	recovery.PurposeStop:    "/stop",
	recovery.PurposeDisown:  "/disown",
}

// openLink is where every link in a mail leads: the challenge is kept for its button, and the URL with
// the token is left behind (R4).
func (s *server) openLink(c *gin.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	purpose, err := s.service.HoldLink(c.Request.Context(), v, c.Param("token"))
	if err != nil {
		return err
	}
	s.aboutLink(c, v, purpose)
	return s.redirect(c, linkPaths[purpose])
}

// linkForm is the button of a link's page.
func (s *server) linkForm(p recovery.Purpose, act formAct) form {
	return form{page: s.linkPage(p), act: func(c *gin.Context, v *recovery.Visitor, f fields) error {
		s.aboutLink(c, v, p)
		return act(c, v, f)
	}}
}

// linkPage is one button, and a field for the address wherever this browser did not ask for the link.
func (s *server) linkPage(purpose recovery.Purpose) page {
	return func(c *gin.Context, e entry) (templates.Page, error) {
		v, err := s.visitor(c)
		if err != nil {
			return nil, err
		}
		link, err := s.service.HeldLink(c.Request.Context(), v, purpose)
		if err != nil {
			return nil, err
		}
		s.aboutLink(c, v, purpose)
		return templates.Link{
			Base:       s.base(c, v, linkPaths[purpose], link.Reference, e),
			Purpose:    string(purpose),
			AskAddress: link.AskAddress,
			Address:    link.Address,
			Email:      e.fields[templates.FieldEmail],
		}, nil
	}
}

// linkDead is where a link leads that is wrong, expired or used. Who has proven the mailbox already, by
// the code or by this very link, just goes on.
func (s *server) linkDead(c *gin.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	p, err := s.service.Progress(c.Request.Context(), v)
	if err != nil {
		return err
	}
	proven := p.May(recovery.StepSituation) && !p.May(recovery.StepCheckEmail)
	if proven && c.FullPath() == linkPaths[recovery.PurposeProve] {
		return s.next(c)
	}
	built := templates.LinkDead{
		Base: s.base(c, v, c.FullPath(), "", entry{}), FromSupport: strings.HasPrefix(c.FullPath(), recovery.SupportLinkPath),
	}
	for purpose, path := range linkPaths {
		if path == c.FullPath() {
			built.Purpose = string(purpose)
		}
	}
	return s.render(c, http.StatusGone, built)
}

// toPortal goes on to the customer portal, by a URL that internal/recovery has held against PortalOrigins (R7).
func (s *server) toPortal(press func(context.Context, *recovery.Visitor, string) (string, error)) formAct {
	return func(c *gin.Context, v *recovery.Visitor, f fields) error {
		to, err := press(c.Request.Context(), v, f[templates.FieldEmail])
		if err != nil {
			return err
		}
		return s.redirect(c, to)
	}
}

// last is the act of a link after which there is nothing to go on with.
func (s *server) last(p recovery.Purpose, press func(context.Context, *recovery.Visitor, string) error) formAct {
	return func(c *gin.Context, v *recovery.Visitor, f fields) error {
		if err := press(c.Request.Context(), v, f[templates.FieldEmail]); err != nil {
			return err
		}
		return s.done(c, v, p)
	}
}

// done says that it is done. It answers the POST itself: there is no case for the dispatcher to go on
// with, and sending the form again finds the link used.
func (s *server) done(c *gin.Context, v *recovery.Visitor, purpose recovery.Purpose) error {
	return s.render(c, http.StatusOK, templates.Done{
		Base:    s.base(c, v, linkPaths[purpose], "", entry{}),
		Purpose: string(purpose),
	})
}
