package console

import (
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// casesOnPage, newestCases and stepsOnPage are the lengths of lists.
const (
	casesOnPage = 20
	newestCases = 10
	stepsOnPage = 50
)

// caseOf is the reference in a request's path, in its one form.
func caseOf(c *gin.Context) (string, bool) { return secret.ParseReference(c.Param("reference")) }

func (s *server) homePage(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error) {
	newest, err := s.Agents.Newest(c.Request.Context(), v, newestCases)
	if err != nil {
		return nil, err
	}
	return templates.ConsoleHome{
		ConsoleBase: s.base(v, Path, e),
		Find:        e.fields[templates.FieldFind], Email: e.fields[templates.FieldEmail], Newest: rows(newest),
	}, nil
}

func rows(found []recovery.FoundCase) []templates.ConsoleRow {
	var all []templates.ConsoleRow
	for _, f := range found {
		all = append(all, templates.ConsoleRow{
			Reference: f.Reference, Address: f.Address, StartedAt: f.CreatedAt, Entry: string(f.Entry),
			State: string(f.Stage(f.Resolved)), Situations: f.Situations,
		})
	}
	return all
}

// find looks for what was typed: an address where it has an @, a reference otherwise. An address is kept
// server-side, as its hash, so that the page of its cases has none in its URL (R11).
func (s *server) find(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error {
	typed := strings.TrimSpace(f[templates.FieldFind])
	if strings.Contains(typed, "@") {
		a, err := account.ParseAddress(typed)
		if err != nil {
			return errFind
		}
		c.Set(edge.KeyAddress, s.Keys.HashAddress(a.Canonical()))
		if err := s.Agents.FindAddress(c.Request.Context(), v, a); err != nil {
			return err
		}
		return s.redirect(c, Path+"/cases")
	}
	reference, err := s.Agents.FindReference(c.Request.Context(), v, typed)
	switch {
	case errors.Is(err, recovery.ErrReferenceForm):
		return errFind
	case errors.Is(err, recovery.ErrNotFound):
		return errNoCase
	case err != nil:
		return err
	}
	return s.redirect(c, recovery.ConsoleCasePath+reference)
}

// casesPage are the cases of the address that was looked for.
func (s *server) casesPage(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error) {
	n := pageOf(c)
	found, more, err := s.Agents.Sought(c.Request.Context(), v, n, casesOnPage)
	if err != nil {
		return nil, err
	}
	return templates.ConsoleCases{
		ConsoleBase: s.base(v, Path+"/cases", e), Sought: v.Session.Sought != "", Paging: paging(Path+"/cases", n, more),
		Cases: rows(found),
	}, nil
}

// shownHash is how much of an address's hash is shown: enough to see that two steps are about the same one.
const shownHash = 10

// auditPage is what agents did.
func (s *server) auditPage(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error) {
	n := pageOf(c)
	entries, more, err := s.Agents.Trail(c.Request.Context(), v, n, stepsOnPage)
	if err != nil {
		return nil, err
	}
	built := templates.ConsoleAudit{ConsoleBase: s.base(v, Path+"/audit", e), Paging: paging(Path+"/audit", n, more)}
	for _, step := range entries {
		shown := templates.ConsoleEntry{
			At: step.At, Who: step.Actor, Act: step.Act, Detail: step.Detail,
			Address: step.AddressHash[:min(len(step.AddressHash), shownHash)],
		}
		if step.Reference != recovery.ConsoleReference {
			shown.Case = step.Reference
		}
		built.Entries = append(built.Entries, shown)
	}
	return built, nil
}
