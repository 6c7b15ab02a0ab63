package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/assets"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
)

// The paths that other systems are told: where a browser comes back to from the identity provider, and where
// Mailgun reports what became of a mail.
const (
	IdentityCallbackPath = "/identity/callback"
	MailReportsPath      = "/webhooks/mailgun"
)

// routes is the whole URL surface. Every GET answers HEAD as well and consumes nothing, but for the browser's
// way back from the identity provider, which is good in that browser alone; every POST comes with the
// protection of surface.post. A form is: what it does, and the page it stands on.
func (s *server) routes(on surface) {
	// The journey. Which page comes next is decided in dispatch.go alone.
	on.get("/", s.start)
	on.post("/", form{act: s.askProof, first: s.askFirst, page: s.startPage, limit: limit.Starts})
	on.page("/check-email", s.checkEmailPage)
	on.post("/check-email", form{act: s.enterCode, page: s.checkEmailPage})
	on.post("/check-email/resend", form{act: s.resend, page: s.checkEmailPage, limit: limit.Starts})
	on.get("/check-email/state", s.guard.Look(limit.States, s.deliveryState))
	on.page("/situation", s.situationPage)
	on.post("/situation/sign-in", form{act: s.signInNow, page: s.situationPage})
	on.post("/situation/sign-in-link", form{act: s.emailSignInLink, page: s.situationPage})
	on.post("/situation/confirmation", form{act: s.resendConfirmation, page: s.situationPage})
	on.post("/situation/other-address", form{act: s.mailOtherAddress, page: s.situationPage})
	on.post("/situation/address", form{act: s.lookAt, page: s.situationPage})
	on.post("/situation/symptom", form{act: s.say, page: s.situationPage})
	on.post("/situation/got-in", form{act: s.gotIn, page: s.situationPage})
	on.post("/situation/identity", form{act: s.toIdentity, page: s.situationPage})
	on.get(IdentityCallbackPath, s.guard.Look(limit.Looks, s.fromIdentity))
	on.page("/support", s.supportPage)
	on.post("/support", form{act: s.handOff, page: s.supportPage})
	on.post("/end", form{act: s.end, page: s.startPage})

	// Links in mails: the token leaves the URL, then one button does the act.
	on.get(recovery.LinkPath+":token", s.openLink)
	on.page("/prove", s.linkPage(recovery.PurposeProve))
	on.post("/prove", s.linkForm(recovery.PurposeProve, s.proveByLink))
	on.page("/sign-in", s.linkPage(recovery.PurposeSignIn))
	on.post("/sign-in", s.linkForm(recovery.PurposeSignIn, s.signInByLink))
	on.page("/confirm", s.linkPage(recovery.PurposeConfirm))
	on.post("/confirm", s.linkForm(recovery.PurposeConfirm, s.confirmByLink))
	on.page("/stop", s.linkPage(recovery.PurposeStop))
	on.post("/stop", s.linkForm(recovery.PurposeStop, s.stopByLink))
	on.page("/disown", s.linkPage(recovery.PurposeDisown))
	on.post("/disown", s.linkForm(recovery.PurposeDisown, s.disownByLink))

	// Signed links in support replies.
	on.get(recovery.SupportLinkPath+":token", s.openSupportLink)

	// The same for everybody: no session, no cookie, may be kept by browsers.
	on.open("/help", s.helpIndex)
	on.open("/help/:situation", s.help)
	on.files("/assets/*file", assets.Handler())

	// Not for browsers: signed by the mail service, and nothing of the above (R8).
	on.reports(MailReportsPath, s.reports)
}

// surface is the only way to add a route, so that none is without what its kind needs.
type surface struct {
	server *server
	engine *gin.Engine
}

// get adds a route that only reads.
func (on surface) get(path string, h handler) {
	on.engine.GET(path, on.server.frame.Answer(h))
	on.engine.HEAD(path, on.server.frame.Answer(h))
}

// page adds a page of the journey. Looking at one may ask the customer portal, and so it is limited, too.
func (on surface) page(path string, p page) {
	on.get(path, on.server.guard.Look(limit.Looks, on.server.show(p)))
}

// post adds a form behind everything that R6, R8 and R10 ask of one; see protect.
func (on surface) post(path string, f form) {
	on.engine.POST(path, on.server.frame.Answer(on.server.protect(f)))
}

// open adds a page that is the same for everybody.
func (on surface) open(path string, p page) {
	on.server.everybodys[path] = true
	on.get(path, on.server.showOpen(p))
}

// reports adds where a mail service reports to, if one does. It stands apart: no cookie, no form, a limit of
// its own on the body, and a signature instead of everything else.
func (on surface) reports(path string, from Reports) {
	if from != nil {
		on.server.everybodys[path] = true
		on.engine.POST(path, on.server.report(from))
	}
}

// files adds a handler of embedded files.
func (on surface) files(path string, h http.Handler) {
	on.get(path, func(c *gin.Context) error {
		h.ServeHTTP(c.Writer, c.Request)
		return nil
	})
}
