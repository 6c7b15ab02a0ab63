package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/assets"
	"latchkey/internal/diagnosis"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
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
	on.post("/check-email", form{act: s.enter(templates.FieldCode, s.service.EnterCode), page: s.checkEmailPage})
	on.post("/check-email/resend", form{act: s.press(s.service.Resend), page: s.checkEmailPage, limit: limit.Starts})
	on.get("/check-email/state", s.guard.Look(limit.States, s.deliveryState))
	on.page("/situation", s.situationPage)
	on.post("/situation/sign-in", form{act: s.signInNow, page: s.situationPage, action: diagnosis.SignIn})
	on.post("/situation/sign-in-link", form{
		act: s.enter(templates.FieldAccount, s.service.EmailSignInLink), page: s.situationPage, action: diagnosis.EmailSignInLink,
	})
	on.post("/situation/confirmation", form{
		act: s.enter(templates.FieldAccount, s.service.ResendConfirmation), page: s.situationPage, action: diagnosis.ResendConfirmation,
	})
	on.post("/situation/other-address", form{act: s.press(s.service.MailOtherAddress), page: s.situationPage})
	on.post("/situation/address", form{act: s.enter(templates.FieldAddress, s.service.LookAt), page: s.situationPage})
	on.post("/situation/symptom", form{act: s.say, page: s.situationPage})
	on.post("/situation/got-in", form{act: s.gotIn, page: s.situationPage})
	on.post("/situation/identity", form{act: s.toIdentity, page: s.situationPage})
	on.get(IdentityCallbackPath, s.guard.Look(limit.Looks, s.fromIdentity))
	on.page("/support", s.supportPage)
	on.post("/support", form{act: s.enter(templates.FieldMessage, s.service.HandOff), page: s.supportPage})
	on.post("/end", form{act: s.press(s.service.EndSession), page: s.startPage})

	// Links in mails: the token leaves the URL, then one button does the act.
	on.token(recovery.LinkPath, s.openLink)
	on.link(recovery.PurposeProve, s.enter(templates.FieldEmail, s.service.ProveByLink))
	on.link(recovery.PurposeSignIn, s.toPortal(s.service.SignInByLink))
	on.link(recovery.PurposeConfirm, s.toPortal(s.service.ConfirmByLink))
	on.link(recovery.PurposeStop, s.last(recovery.PurposeStop, s.service.StopByLink))
	on.link(recovery.PurposeDisown, s.last(recovery.PurposeDisown, s.service.DisownByLink))

	// Signed links in support replies.
	on.token(recovery.SupportLinkPath, s.openSupportLink)

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

// token adds where links with a token lead. A HEAD keeps nothing; it comes from programs that look at links. It says yes
// to all of them: to go where the GET leads, such a program would need the cookie, and would take the link for dead.
func (on surface) token(path string, h handler) {
	limited := on.server.guard.Look(limit.Pages, h)
	on.get(path+":token", func(c *gin.Context) error {
		if c.Request.Method == http.MethodHead {
			c.Header("Content-Type", contentType)
			c.Status(http.StatusOK)
			return nil
		}
		return limited(c)
	})
}

// link adds the page behind a mailed link, and its button.
func (on surface) link(p recovery.Purpose, act formAct) {
	on.page(linkPaths[p], on.server.linkPage(p))
	on.post(linkPaths[p], on.server.linkForm(p, act))
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
