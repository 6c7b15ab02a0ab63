package handlers

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// toIdentity sends the browser to sign in to its identity, by a URL that internal/recovery has held against
// IdentityOrigins (R7).
func (s *server) toIdentity(c *gin.Context, v *recovery.Visitor, _ fields) error {
	to, err := s.service.BeginIdentity(c.Request.Context(), v)
	if err != nil {
		return err
	}
	s.aboutVisitor(c, v)
	return s.redirect(c, to)
}

// fromIdentity is where the identity provider sends the browser back to, with a code that is good for this
// browser alone. What went wrong stands on the page of the situation, whose form it was that led there. A
// HEAD comes from programs that look at links, and takes nothing.
func (s *server) fromIdentity(c *gin.Context) error {
	if c.Request.Method == http.MethodHead {
		return s.next(c)
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	c.Set(keyAttempt, attempt{form: form{page: s.situationPage}})
	answer := edge.IdentityAnswer(c.Request.URL.RawQuery)
	return s.onward(c, s.service.ProveIdentity(c.Request.Context(), v, answer))
}

// identityView is the part of the situation's page about the customer's own identities; nil where there is
// nothing to say. To show one is offered where it can change what is found. Where an account may not be spoken of,
// neither is this.
func identityView(d recovery.Diagnosis, p templates.Situation) *templates.IdentityView {
	view := templates.IdentityView{
		Offered: d.CanProveIdentity && d.Report.AsksIdentity() && !p.Incomplete,
		Known:   slices.ContainsFunc(d.Report.Accounts, diagnosis.AccountReport.KnowsIdentity),
	}
	view.Own = ownIdentities(d)
	if p.Neutral() || (!view.Offered && len(view.Own) == 0) {
		return nil
	}
	return &view
}

func ownIdentities(d recovery.Diagnosis) []templates.OwnIdentity {
	var all []templates.OwnIdentity
	for _, own := range d.Identities {
		all = append(all, templates.OwnIdentity{Address: own.Email, At: own.At, Unlinked: unlinked(d.Report, own)})
	}
	return all
}

// unlinked reports whether it is certain that no account is linked to the identity.
func unlinked(r diagnosis.Report, own recovery.IdentityProof) bool {
	if !r.AccountsKnown() {
		return false
	}
	for _, a := range r.Accounts {
		if a.Account.Identity.Is(own.Provider, own.Subject) {
			return false
		}
	}
	return true
}
