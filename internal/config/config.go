package config

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config is what was asked for, checked. Options holds what the command takes; the rest is zero.
type Config struct {
	Command Command
	Email   string // of erase and diagnose, as typed
	JSON    bool   // of diagnose and report
	Usage   string // of help
	// SupportLink is what link makes.
	SupportLink SupportLink
	File        string // of backup
	// StopsFrom is the database that migrate carries stops over from.
	StopsFrom string
	// Candidate is what conformance looks at.
	Candidate Candidate
	// Period is of report.
	Period Period
	Options
}

// Faults are all that is wrong with a command line and its variables, one sentence each.
type Faults []string

func (f Faults) Error() string { return strings.Join(f, "\n") }

// Load reads args (without the program's name) and the variables that getenv knows. Its error is Faults:
// every one that can be told before anything starts. A variable that is empty counts as not there.
func Load(args []string, getenv func(string) string) (Config, error) {
	p := &parsing{getenv: getenv}
	c := p.parse(args)
	if len(p.faults) == 0 || c.Command != "" {
		c.findKeys()
		p.readSecrets(append(c.secrets(), c.Candidate.secrets()...))
		c.defaults()
		p.check(c)
	}
	if len(p.faults) > 0 {
		return Config{}, p.faults
	}
	return c, nil
}

// findKeys takes the keys that lie in the data folder, as the demo keeps them, where erasing a person or making a
// link is told of no others.
func (c *Config) findKeys() {
	kept := filepath.Join(c.Data, KeysFileName)
	if c.Command != Erase && c.Command != Link || c.Keys != "" || c.KeysFile != "" || c.Data == "" {
		return
	}
	if _, err := os.Stat(kept); err == nil {
		c.KeysFile = kept
	}
}

// KeysFileName is the file of keys in a data folder.
const KeysFileName = "keys"

// defaults fills what follows from other values.
func (c *Config) defaults() {
	o := &c.Options
	if o.Data != "" {
		orElse(&o.Database, filepath.Join(o.Data, "latchkey.db"))
	}
	switch c.Command {
	case Demo:
		c.demoDefaults()
	case Serve, Diagnose:
		for _, at := range o.PortalOrigins { // where customers sign in, and not where the API answers
			orElse(&o.VendorName, hostOf(at))
		}
		orElse(&o.VendorName, hostOf(o.PortalURL))
		orElse(&o.ConfirmationBy, "portal")
		orElse(&o.DrainDelay, new(5*time.Second))
		orElse(&o.AddressNetHour, 3)
		orElse(&o.AddressNetDay, 6)
		orElse(&o.GlobalNetHour, max(1, o.GlobalHour/20))
	default:
		return
	}
	orElse(&o.HandTo, "email")
	orElse(&o.SupportContact, o.SupportEmail)
	orElse(&o.ReplyTo, o.SupportEmail)
	orElse(&o.OIDCIssuer, o.IdentityURL)
	if !o.OwnMailgun(c.Command) {
		orElse(&o.MailgunBase, mailgunUS)
	}
	orElse(&o.IdentityMailBase, o.MailgunBase)
	orElse(&o.PortalMailBase, o.MailgunBase)
}

// mailgunUS is where Mailgun's API answers outside the EU.
const mailgunUS = "https://api.mailgun.net/v3"

// OwnMailgun reports whether the command brings a mail service of its own that speaks Mailgun's API: the
// demo does, unless it is told of another.
func (m Mail) OwnMailgun(c Command) bool {
	return c == Demo && m.By == "mailgun" && m.MailgunBase == ""
}

// demoDefaults give one network all there is (R10): in the demo everybody is at one address.
func (c *Config) demoDefaults() {
	o := &c.Options
	orElse(&o.Mail.By, "inbox")
	orElse(&o.DrainDelay, new(time.Duration))
	orElse(&o.HandTo, "zendesk")
	orElse(&o.VendorName, "Acme")
	orElse(&o.ConfirmationBy, "latchkey")
	orElse(&o.SupportEmail, "support@acme.example")
	orElse(&o.MailFrom, "Acme Customers Portal <latchkey@acme.example>")
	orElse(&o.AddressNetHour, o.AddressHour)
	orElse(&o.AddressNetDay, o.AddressDay)
	orElse(&o.GlobalNetHour, o.GlobalHour)
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
