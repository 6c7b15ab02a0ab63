package archtest_test

import (
	"slices"
	"strings"
	"testing"
)

// TestTheCheckCanFail feeds the checker trees in which one arrow is broken.
func TestTheCheckCanFail(t *testing.T) {
	for _, tt := range []struct {
		name, from, to string
		want           string // "" where the import is allowed
	}{
		{"an adapter knows the rules", "internal/sqlstore", "internal/recovery", ""},
		{"the console is of the handlers' family", "handlers/console", "handlers", ""},
		{"the console has the handlers' rule", "handlers/console", "internal/recovery", ""},
		{"cmd knows all", "cmd/latchkey", "internal/demo", ""},
		{"outbox renders", "internal/outbox", "templates", ""},
		{"the rules know no adapter", "internal/recovery", "internal/sqlstore", "internal/recovery may import"},
		{"no adapter knows another", "internal/mail", "internal/sqlstore", "internal/mail may import"},
		{"no adapter knows the pages", "internal/outbox", "handlers", "internal/outbox may import"},
		{"the console is no exception", "handlers/console", "internal/sqlstore", "handlers may import"},
		{"secret stands alone", "internal/secret", "internal/account", "imports nothing of ours"},
		{"config stands alone", "internal/config", "internal/recovery", "imports nothing of ours"},
		{"templates stand alone", "templates", "internal/recovery", "imports nothing of ours"},
		{"a subpackage has its parent's rule", "internal/limit/redis", "internal/account", "internal/limit imports nothing"},
		{"a new package needs a rule", "internal/helpers", "internal/account", "not a package of the house"},
		{"handlers serve with Gin", "handlers", "github.com/gin-gonic/gin", ""},
		{"Gin stays at the edge", "internal/ops", "github.com/gin-gonic/gin", "only handlers and internal/load may"},
		{"gorilla stays at the edge", "internal/recovery", "github.com/gorilla/sessions", "only handlers may"},
		{"one mailer", "internal/outbox", "github.com/mailgun/mailgun-go/v4", "only internal/mail may"},
		{"one limiter", "handlers", "github.com/ulule/limiter/v3", "only internal/limit may"},
		{"one database", "handlers", "modernc.org/sqlite", "only internal/sqlstore"},
		{"nor by the back door", "internal/recovery", "database/sql", "only internal/sqlstore"},
		{"even cmd", "cmd/latchkey", "github.com/jackc/pgx/v5/stdlib", "only internal/sqlstore"},
		{"the demo has its file", "internal/demo", "modernc.org/sqlite", ""},
		{"a browser is for tests", "handlers", "github.com/chromedp/chromedp", "nothing imports that"},
		{"diagnosis is pure", "internal/diagnosis", "net/http", "does no I/O"},
		{"recovery has no HTTP", "internal/recovery", "net/http", "does no I/O"},
		{"others may", "internal/customerportal", "net/http", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := graph{tt.from: {imports: []string{tt.to}}}
			if _, known := arrows[tt.to]; known {
				g[tt.to] = &pkg{}
			}
			got := strings.Join(faults(g), "\n")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("%s → %s: got %q, want %q", tt.from, tt.to, got, tt.want)
			}
		})
	}
}

func TestTheDocCheckCanFail(t *testing.T) {
	g := graph{
		"internal/good": {doc: "Package good owns itself.\n"},
		"internal/none": {},
		"internal/else": {doc: "Package good owns itself.\n"},
		"cmd/latchkey":  {doc: "Command latchkey is the portal.\n"},
	}
	got := undocumented(g)
	if len(got) != 2 || !strings.HasPrefix(got[0], "internal/else:") || !strings.HasPrefix(got[1], "internal/none:") {
		t.Errorf("undocumented: %q, want internal/else and internal/none", got)
	}
}

func TestLoadSeesImports(t *testing.T) {
	p := tree(t)["internal/diagnosis"]
	if !slices.Contains(p.imports, "internal/account") || !strings.HasPrefix(p.doc, "Package diagnosis ") || p.files == 0 {
		t.Errorf("internal/diagnosis: imports %q, %d files", p.imports, p.files)
	}
	if own := tree(t)["internal/archtest"]; slices.Contains(own.imports, "testing") {
		t.Error("imports of tests are taken for imports of the package")
	}
}
