package config

import (
	"net"
	"strings"
	"time"
)

// Console is how support agents reach the console on the ops listener, and who may. It is off where nobody may.
type Console struct {
	ConsoleToken     string `name:"console-token" placeholder:"TOKEN" group:"The agent console" help:"Lets in who has it, 20 characters at least: for a single machine. Better in a file. Demo: one of its own, which it prints."`
	ConsoleTokenFile string `name:"console-token-file" type:"secret-file" placeholder:"FILE" group:"The agent console" help:"The file of that token."`

	ConsoleOIDCIssuer           string   `name:"console-oidc-issuer" type:"issuer" placeholder:"URL" group:"The agent console" help:"The OpenID Connect issuer at which support agents sign in."`
	ConsoleOIDCClientID         string   `name:"console-oidc-client-id" placeholder:"ID" group:"The agent console" help:"The console's client there, with the redirect URI that is --console-url and /console/callback."`
	ConsoleOIDCClientSecret     string   `name:"console-oidc-client-secret" placeholder:"TEXT" group:"The agent console" help:"The client's secret; better in a file. None for a public client."`
	ConsoleOIDCClientSecretFile string   `name:"console-oidc-client-secret-file" type:"secret-file" placeholder:"FILE" group:"The agent console" help:"The file of that secret."`
	ConsoleOIDCScopes           []string `name:"console-oidc-scopes" type:"words" default:"profile" placeholder:"SCOPE,…" group:"The agent console" help:"The scopes that are asked for besides openid and email; some providers tell the groups for one of their own."`
	ConsoleOIDCOrigins          []string `name:"console-oidc-origins" type:"origins" placeholder:"URL,…" group:"The agent console" help:"Where else than to the issuer a sign-in there may lead."`
	ConsoleGroups               []string `name:"console-groups" type:"words" placeholder:"GROUP,…" group:"The agent console" help:"Who signs in there has to be in one of these groups, written as the provider writes them."`
	ConsoleGroupsClaim          string   `name:"console-groups-claim" default:"groups" placeholder:"NAME" group:"The agent console" help:"The claim in which the provider lists them."`

	ConsoleIdle   time.Duration `name:"console-idle" default:"30m" placeholder:"TIME" group:"The agent console" help:"An agent's session ends after this long without a request."`
	ConsoleMax    time.Duration `name:"console-max" default:"8h" placeholder:"TIME" group:"The agent console" help:"An agent's session ends after this long."`
	ConsoleTries  int           `name:"console-tries" default:"10" placeholder:"N" group:"The agent console" help:"Wrong tokens a client and hour."`
	ConsoleSignIn int           `name:"console-sign-ins-limit" default:"30" placeholder:"N" group:"The agent console" help:"Attempts to sign in a client and 10 minutes."`
	ConsolePages  int           `name:"console-limit" default:"600" placeholder:"N" group:"The agent console" help:"Requests of the console a client and 10 minutes."`
}

// ConsoleOn reports whether anybody may sign in to the console.
func (c Console) ConsoleOn() bool { return c.ConsoleToken != "" || c.ConsoleOIDCClientID != "" }

// minConsoleToken is the shortest token, in bytes: whoever guesses at it gets few tries, but for ever.
const minConsoleToken = 20

func (p *parsing) checkConsole(o Options) {
	c := o.Console
	if c.ConsoleOIDCIssuer+c.ConsoleOIDCClientID+c.ConsoleOIDCClientSecret+strings.Join(c.ConsoleGroups, "") != "" {
		p.need(c.ConsoleOIDCIssuer, "console-oidc-issuer", "where support agents sign in")
		p.need(c.ConsoleOIDCClientID, "console-oidc-client-id", "the console's client at the issuer")
		p.need(strings.Join(c.ConsoleGroups, ","), "console-groups", "the groups whose members may use the console")
	}
	if c.ConsoleToken != "" && len(c.ConsoleToken) < minConsoleToken {
		p.fault("--console-token: is under %d characters; 'openssl rand -hex 32' prints a good one", minConsoleToken)
	}
	if host, _, err := net.SplitHostPort(o.OpsListen); err == nil && c.ConsoleOn() && !loopback(host) {
		p.need(o.ConsoleURL, "console-url", "where support agents reach --ops-listen, such as https://console.example.com")
	}
	if c.ConsoleIdle > c.ConsoleMax {
		p.fault("--console-idle (%s) is longer than --console-max (%s)", c.ConsoleIdle, c.ConsoleMax)
	}
}
