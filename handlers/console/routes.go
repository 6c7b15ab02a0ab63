package console

import (
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
)

// routes is the whole URL surface. Every page but the one to sign in on asks for an agent who is signed in, and
// so does every form but those that sign in. Addresses stand in no URL; references do, for links from the desk.
func (s *server) routes(on surface) {
	on.open(Path+"/sign-in", s.signIn)
	on.post(Path+"/sign-in/provider", form{act: s.toProvider, page: s.signInPage, limit: limit.ConsoleSignIns, open: true})
	on.post(Path+"/sign-in/token", form{act: s.signInByToken, page: s.signInPage, limit: limit.ConsoleSignIns, open: true})
	on.open(CallbackPath, s.fromProvider)
	on.post(Path+"/sign-out", form{act: s.signOut, page: s.homePage})

	on.page(Path, s.homePage)
	on.post(Path+"/find", form{act: s.find, page: s.homePage})
	on.page(Path+"/cases", s.casesPage)
	on.page(recovery.ConsoleCasePath+":reference", s.casePage)
	on.post(recovery.ConsoleCasePath+":reference/resend", form{act: s.resend, page: s.casePage})
	on.post(recovery.ConsoleCasePath+":reference/resolve", form{act: s.resolve, page: s.casePage})
	on.post(Path+"/dry-run", form{act: s.dryRun, page: s.homePage})
	on.page(Path+"/audit", s.auditPage)
	if s.MakeLink != nil || s.Macros != nil {
		on.page(Path+"/links", s.linksPage)
	}
	if s.MakeLink != nil {
		on.post(Path+"/links", form{act: s.makeLink, page: s.linksPage})
	}
}
