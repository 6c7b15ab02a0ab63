package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// lives are how long a link may work, by their ids, in order.
var lives = []struct {
	id   string
	life time.Duration
}{
	{"1d", 24 * time.Hour}, {"3d", 3 * 24 * time.Hour}, {"7d", 7 * 24 * time.Hour},
}

// usualLife is what the form begins with.
const usualLife = "3d"

// linksPage is where a signed link is made, and where the macro texts stand.
func (s *server) linksPage(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error) {
	return s.links(c, v, e), nil
}

func (s *server) links(c *gin.Context, v *recovery.AgentVisitor, e entry) templates.ConsoleLinks {
	built := templates.ConsoleLinks{
		ConsoleBase: s.base(v, Path+"/links", e), CanLink: s.MakeLink != nil, Languages: s.Languages, Life: usualLife,
		Ticket: e.fields[templates.FieldTicket], Email: e.fields[templates.FieldEmail],
		Situation: e.fields[templates.FieldSituation], Language: e.fields[templates.FieldLanguage],
	}
	for _, l := range lives {
		built.Lives = append(built.Lives, l.id)
		if e.fields[templates.FieldLife] == l.id {
			built.Life = l.id
		}
	}
	for _, one := range diagnosis.All() {
		built.Situations = append(built.Situations, string(one.ID))
	}
	if s.Macros != nil {
		built.Macros = s.Macros(s.language(c))
	}
	return built
}

// makeLink makes a signed link and shows it, once it stands in the audit trail. It answers the POST itself: the
// link stands in no URL of ours.
func (s *server) makeLink(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error {
	wanted := WantedLink{
		Ticket: strings.TrimPrefix(strings.TrimSpace(f[templates.FieldTicket]), "#"), Situation: f[templates.FieldSituation], Language: f[templates.FieldLanguage],
	}
	if typed := strings.TrimSpace(f[templates.FieldEmail]); typed != "" {
		a, err := account.ParseAddress(typed)
		if err != nil {
			return err
		}
		wanted.Address = a
	}
	for _, l := range lives {
		if f[templates.FieldLife] == l.id {
			wanted.Life = l.life
		}
	}
	made, err := s.MakeLink(c.Request.Context(), wanted)
	if err != nil {
		return err
	}
	if err := s.Agents.LinkMade(c.Request.Context(), v, wanted.Ticket, wanted.Address); err != nil {
		return err
	}
	built := s.links(c, v, entry{fields: f})
	built.URL = made
	return s.render(c, http.StatusOK, built)
}
