package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/internal/account"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// start is `/`. Who comes by a link with a query gets here twice: what it says is kept server-side, and the
// URL with it is left behind (R11).
func (s *server) start(c *gin.Context) error {
	if c.Request.URL.RawQuery == "" {
		return s.show(s.startPage)(c)
	}
	if err := s.arrive(c); err != nil {
		return err
	}
	return s.redirect(c, stepPaths[recovery.StepStart])
}

// The parameters of links in support replies and in a help centre. Others are dropped on the way.
const (
	paramTicket   = "ref"
	paramLanguage = "lang"
	paramFrom     = "from"
)

// fromHelpCenter is the mark of the link that a help centre shows before its contact form.
const fromHelpCenter = "help-center"

// arrive keeps what an unsigned link says. A part that cannot be read, or stands there twice, is no reason to
// turn anybody away.
func (s *server) arrive(c *gin.Context) error {
	query := c.Request.URL.Query()
	link := recovery.UnsignedLink{
		Ticket:   only(query[paramTicket]),
		Email:    only(query[templates.FieldEmail]),
		Language: only(query[paramLanguage]),
		Form:     only(query[paramFrom]) == fromHelpCenter,
	}
	if c.Request.Method == http.MethodHead || !link.Readable() {
		return nil
	}
	if err := s.guard.Allow(c, limit.Prefills); err != nil {
		return err
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	return s.service.Arrive(c.Request.Context(), v, link)
}

// only is the one value that a parameter has, without the spaces around it; "" where it has none, or several.
func only(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return trimmed(values[0])
}

// openSupportLink is where a signed link in a support reply leads: what it says is kept server-side, and the
// URL with the token is left behind. Nothing is sent or used up (R4). Who is in the middle of the case that it led
// to goes on there.
func (s *server) openSupportLink(c *gin.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	goesOn, err := s.service.OpenSupportLink(c.Request.Context(), v, c.Param("token"))
	if err != nil {
		return err
	}
	if goesOn {
		return s.next(c)
	}
	return s.redirect(c, stepPaths[recovery.StepStart])
}

// startPage asks for the address. Somebody in the middle of a case comes back here to try another one.
func (s *server) startPage(c *gin.Context, e entry) (templates.Page, error) {
	v, err := s.visitor(c)
	if err != nil {
		return nil, err
	}
	p, err := s.service.Progress(c.Request.Context(), v)
	if err != nil {
		return nil, err
	}
	about(c, p.Case)
	reference, support := "", s.fromSupport(v)
	if p.Case != nil && !support {
		reference = p.Case.Reference
	}
	built := templates.Start{
		Base:        s.base(c, v, "/", reference, e),
		Email:       v.Session.Prefill,
		HasProven:   len(p.Proofs) > 0 && !support,
		FromSupport: support,
	}
	if !support && p.May(recovery.StepCheckEmail) {
		if built.Waits, err = s.waitsFor(c, v); err != nil {
			return nil, err
		}
	}
	if typed, ok := e.fields[templates.FieldEmail]; ok {
		built.Email = typed
	}
	built.Suggestion = account.Suggestion(built.Email)
	return built, nil
}

// waitsFor is the address of the code that this browser waits for, while there is one that works; "" for none.
func (s *server) waitsFor(c *gin.Context, v *recovery.Visitor) (string, error) {
	w, err := s.service.Waiting(c.Request.Context(), v)
	if errors.Is(err, recovery.ErrNoCase) || err == nil && !s.now().Before(w.CodeUntil) {
		return "", nil
	}
	return w.Address, err
}

// fromSupport reports whether a signed link waits for a case of its own: one that this browser has already is
// left behind by the next start.
func (s *server) fromSupport(v *recovery.Visitor) bool {
	return s.service.Pending(v.Session) && v.Session.Arrival.Entry == recovery.EntrySigned
}

// askProof asks for the mail. No account is looked up, and every address gets the same answer (R1).
func (s *server) askProof(c *gin.Context, v *recovery.Visitor, f fields) error {
	a, err := account.ParseAddress(f[templates.FieldEmail])
	if err != nil {
		return err
	}
	return s.onward(c, s.service.Start(c.Request.Context(), v, a))
}

// askFirst is askProof for who has not been here before, as most that start: whether the cookie's session has a
// row shows when it gets one.
func (s *server) askFirst(c *gin.Context, v *recovery.Visitor, f fields) error {
	a, err := account.ParseAddress(f[templates.FieldEmail])
	if err != nil {
		return err
	}
	err = s.service.StartNewcomer(c.Request.Context(), v, a)
	if errors.Is(err, recovery.ErrSessionTaken) {
		if v, err = s.visitor(c); err != nil {
			return err
		}
		return s.askProof(c, v, f)
	}
	if err != nil {
		return err
	}
	c.Set(keyVisitor, v)
	return s.next(c)
}
