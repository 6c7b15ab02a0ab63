package handlers

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// checkEmailPage shows the true state of the mail and takes its code.
func (s *server) checkEmailPage(c *gin.Context, e entry) (templates.Page, error) {
	return s.waitingPage(c, e)
}

func (s *server) waitingPage(c *gin.Context, e entry) (templates.CheckEmail, error) {
	v, err := s.visitor(c)
	if err != nil {
		return templates.CheckEmail{}, err
	}
	w, err := s.service.Waiting(c.Request.Context(), v)
	if err != nil {
		return templates.CheckEmail{}, err
	}
	s.aboutAddress(c, w.Address)
	built := templates.CheckEmail{
		Base:      s.base(c, v, "/check-email", w.Reference, e),
		Address:   w.Address,
		State:     string(w.State),
		ChangedAt: w.ChangedAt,
		CodeUntil: w.CodeUntil,
		Expired:   !w.CodeUntil.IsZero() && !s.now().Before(w.CodeUntil),
		Locked:    w.Locked,
		CanResend: w.CanResend,
		Late:      w.Late,
		Sent:      w.Sent,
		HasProven: w.Proven,

		Suggestion: account.Suggestion(w.Address),
	}
	if a, err := account.ParseAddress(w.Address); err == nil && a.DomainInLetters() != "" {
		built.Domain, built.InLetters = a.Domain(), a.DomainInLetters()
	}
	built.Problems = unsaid(built, e)
	return built, nil
}

// unsaid are the problems that the page does not say already: where a new code is needed it is about nothing else,
// and a code that was refused is why, unless that was typed as a newer one. A problem of a field that is not there is
// one of the page.
func unsaid(p templates.CheckEmail, e entry) []templates.Problem {
	stands := p.Stands()
	said := stands == "expired" || stands == "locked" && e.fields[templates.FieldNewer] == ""
	out := slices.DeleteFunc(slices.Clone(e.problems), func(problem templates.Problem) bool {
		return problem.ID == templates.ProblemCodeWrong && said
	})
	if p.TakesCode() || stands == "locked" {
		return out
	}
	for i := range out {
		out[i].Field = ""
	}
	return out
}

// deliveryState is the piece of /check-email that a script fetches while a mail is on its way. It sets no
// cookie: an answer that comes late must not undo the one that a proof has set meanwhile. Where there is
// nothing to wait for it is empty.
func (s *server) deliveryState(c *gin.Context) error {
	w, err := s.waitingPage(c, entry{})
	if errors.Is(err, recovery.ErrNoCase) {
		c.Status(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	return s.rendered(c, templates.Delivery{CheckEmail: w}, func(body []byte) error {
		c.Data(http.StatusOK, contentType, body)
		return nil
	})
}
