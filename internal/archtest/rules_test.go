package archtest_test

// anything lets a package import all of ours.
const anything = "*"

// arrows says which of our packages each one may import, in files that are not tests. A package below
// another (handlers/console below handlers) has the rule of the longest name that fits, and may import
// its own family. A package that is not here may not be there.
var arrows = map[string][]string{
	"cmd/latchkey": {anything},

	// recovery's own calls speak of account.Address; codes are shown and cookies sealed with secret.
	"handlers": {
		"internal/recovery", "internal/diagnosis", "templates", "assets", "internal/limit",
		"internal/account", "internal/secret", "internal/fault", "internal/wire",
	},

	// The rules.
	"internal/recovery":  {"internal/diagnosis", "internal/account", "internal/secret"},
	"internal/diagnosis": {"internal/account"},
	"internal/account":   {},

	// The adapters.
	"internal/sqlstore":       {"internal/recovery", "internal/account", "internal/fault"},
	"internal/storetest":      {"internal/recovery", "internal/account", "internal/fault"},
	"internal/mail":           {"internal/recovery", "internal/account", "internal/wire"},
	"internal/mail/eximtest":  {"internal/porttest"},
	"internal/customerportal": {"internal/recovery", "internal/account", "internal/wire"},
	"internal/gitlab":         {"internal/recovery", "internal/account", "internal/wire"},
	"internal/oidc":           {"internal/recovery", "internal/account", "internal/wire"},
	"internal/desk":           {"internal/recovery", "internal/account", "internal/wire"},
	"internal/ops":            {"internal/recovery", "internal/account", "internal/wire"},
	"internal/outbox":         {"internal/recovery", "internal/account", "templates", "internal/secret", "internal/fault"},
	"internal/demo":           {"internal/account", "internal/customerportal", "internal/recovery"},

	// What everything stands on.
	"internal/secret":          {},
	"internal/fault":           {},
	"internal/wire":            {},
	"internal/limit":           {},
	"internal/limit/redistest": {"internal/porttest"},
	"internal/config":          {},
	"templates":                {},
	"assets":                   {},

	// Tests only: what their test files import is free.
	"internal/archtest":         {},
	"internal/attack":           {},
	"internal/attack/nginxtest": {"internal/porttest"},
	"internal/porttest":         {},

	// Benchmarks only: it knows Latchkey from outside, and stands beside it as a bare handler.
	"internal/load": {},

	// Modules of their own, in place of what Gin names.
	"internal/absent": {},
}

// owners says which packages alone may import a library, by the start of its path.
var owners = map[string][]string{
	"github.com/gin-gonic/":        {"handlers", "internal/load"},
	"github.com/gorilla/":          {"handlers"},
	"github.com/mailgun/":          {"internal/mail"},
	"github.com/wneessen/go-mail":  {"internal/mail"},
	"github.com/ulule/":            {"internal/limit"},
	"github.com/redis/":            {}, // see limit.Redis
	"github.com/gomodule/redigo":   {"internal/limit"},
	"github.com/alecthomas/kong":   {"internal/config"},
	"github.com/schollz/":          {"cmd/latchkey"},
	"github.com/nicksnyder/":       {"templates"},
	"github.com/coreos/go-oidc":    {"internal/oidc"},
	"github.com/zitadel/":          {"internal/oidc"}, // oidctest: a real provider for tests
	"golang.org/x/oauth2":          {"internal/oidc"},
	"modernc.org/":                 {"internal/sqlstore", "internal/demo", "internal/load"},
	"github.com/jackc/":            {"internal/sqlstore", "internal/load"},
	"github.com/pressly/goose":     {"internal/sqlstore"},
	"database/sql":                 {"internal/sqlstore", "internal/demo", "internal/load"},
	"github.com/chromedp/":         {},
	"html/template":                {"templates", "internal/demo", "internal/load"},
	"math/rand":                    {"internal/outbox", "internal/customerportal", "internal/sqlstore", "internal/porttest", "internal/demo"}, // jitter, ports, made-up cases; secrets come from crypto/rand
	"golang.org/x/net/idna":        {"internal/account"},                                                                                      // one rule of what an address is
	"crypto/hmac":                  {"internal/secret", "internal/mail", "internal/desk"},                                                     // codes, tokens and hashes have one home; webhooks are signed
	"github.com/VictoriaMetrics/":  {"internal/ops"},
	"github.com/pelletier/go-toml": {"templates"},
}

// pure lists what a package that does no I/O must not import.
var pure = map[string][]string{
	"internal/diagnosis": {"os", "io", "net", "net/http", "context", "log", "log/slog", "sync", "crypto/rand", "math/rand", "math/rand/v2"},
	"internal/account":   {"os", "net", "net/http", "context", "log", "log/slog"},
	"internal/recovery":  {"os", "net", "net/http", "log", "html/template", "text/template"},
	"internal/secret":    {"os", "net", "net/http", "log", "log/slog"},
}

// folders are the top-level ones (DESIGN §3); ignored by git are besides.
var folders = []string{"cmd", "handlers", "templates", "assets", "internal", ".ci", ".git"}
