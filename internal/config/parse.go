package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// parsing is one reading of a command line. What kong would end at, it collects and goes on.
type parsing struct {
	getenv func(string) string
	faults Faults
	// fromEnv are the flags whose value came from a variable, so that a fault can name it.
	fromEnv map[string]bool
}

func (p *parsing) fault(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(p.faults, text) {
		p.faults = append(p.faults, text)
	}
}

// parse returns a Config without a command where there is nothing to go on with.
func (p *parsing) parse(args []string) Config {
	var unknown Faults
	args = negatives(args)
	for {
		p.faults, p.fromEnv = nil, map[string]bool{}
		var grammar cli
		var usage strings.Builder
		k := kong.Must(&grammar, append(p.options(&usage), onlyWhatIsAsked(args)...)...)
		ctx, err := k.Parse(args)
		switch {
		case errors.Is(err, errHelp):
			p.faults = nil
			_ = ctxOf(err).PrintUsage(false)
			return Config{Command: Help, Usage: usage.String()}
		case err == nil:
			p.faults = append(unknown, p.faults...)
			if Command(ctx.Selected().Name) == Help && len(p.faults) == 0 {
				return p.help(grammar.HelpOn.Topic, ctx.Model.Children)
			}
			return grammar.config(Command(ctx.Selected().Name))
		}
		rest, ok := without(args, err)
		if !ok {
			if p.faults = append(unknown, p.faults...); len(unknown) == 0 || !noCommand(err) {
				p.faults = append(p.faults, sentence(err))
			}
			return Config{}
		}
		unknown, args = append(unknown, sentence(err)), rest
	}
}

// help is what there is to read, of the topic if there is one: a command, or the whole configuration.
func (p *parsing) help(topic string, commands []*kong.Node) Config {
	if topic == "" {
		return p.parse([]string{"--help"})
	}
	var topics []string
	for _, c := range commands {
		topics = append(topics, c.Name)
	}
	if slices.Contains(topics, topic) {
		return p.parse([]string{topic, "--help"})
	}
	if topic != "config" {
		p.fault("help %q: is none of config, %s", topic, strings.Join(topics, ", "))
		return Config{}
	}
	var text strings.Builder
	if err := Reference(&text); err != nil {
		p.fault("%s", err)
	}
	return Config{Command: Help, Usage: referenceBegins + text.String()}
}

func (p *parsing) options(usage *strings.Builder) []kong.Option {
	options := []kong.Option{
		kong.Name("latchkey"),
		kong.Description("A self-service portal that gets customers back into their accounts."),
		kong.NoDefaultHelp(),
		kong.Writers(usage, usage),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ValueFormatter(withVariable),
		kong.Resolvers(kong.ResolverFunc(p.fromVariable)),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), p.text(durationValue)),
		kong.KindMapper(reflect.Int, p.text(countValue)),
		kong.KindMapper(reflect.Float64, p.text(factorValue)),
		kong.NamedMapper("choice", p.text(choiceValue)),
	}
	for name, check := range textChecks {
		options = append(options, kong.NamedMapper(name, p.text(textValue(check))))
	}
	for name, check := range listChecks {
		options = append(options, kong.NamedMapper(name, p.text(listValue(check))))
	}
	return options
}

// onlyWhatIsAsked leaves the other commands out of the grammar where the first word names one: reading their
// flags as well takes longer than all the rest. help tells of all of them, as does whatever is wrong before a
// command is known.
func onlyWhatIsAsked(args []string) []kong.Option {
	if len(args) == 0 || Command(args[0]) == Help {
		return nil
	}
	var known bool
	var others []string
	for field := range reflect.TypeFor[cli]().Fields() {
		if _, isCommand := field.Tag.Lookup("cmd"); !isCommand {
			continue
		}
		if cmp.Or(field.Tag.Get("name"), strings.ToLower(field.Name)) == args[0] {
			known = true
		} else {
			others = append(others, field.Name)
		}
	}
	if !known {
		return nil
	}
	return []kong.Option{kong.IgnoreFields(`^cli\.(` + strings.Join(others, "|") + `)$`)}
}

// fromVariable is asked for each flag that the command line does not have.
func (p *parsing) fromVariable(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value := p.getenv(variable(flag.Name))
	if value == "" || flag.Name == "help" {
		return nil, nil
	}
	p.fromEnv[flag.Name] = true
	return value, nil
}

// variable is the name of a flag's variable.
func variable(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// withVariable is the help of a flag.
func withVariable(v *kong.Value) string {
	if v.Flag == nil || v.Name == "help" {
		return v.Help
	}
	help := v.Help
	if v.HasDefault {
		help += " Default: " + v.Default + "."
	}
	return help + " ($" + variable(v.Name) + ")"
}

func (c *cli) config(command Command) Config {
	out := Config{Command: command}
	switch command {
	case Demo:
		out.Options = c.Demo.Options
		out.Accounts = c.Demo.Accounts
		out.SampleCases = c.Demo.SampleCases == "true" && c.Demo.Accounts == ""
	case Serve:
		out.Options = c.Serve.Options
	case Migrate:
		out.Storage, out.Log, out.StopsFrom = c.Migrate.Storage, c.Migrate.Log, c.Migrate.StopsFrom
	case Erase:
		out.Email = c.Erase.Email
		out.Storage, out.KeyRing, out.Log = c.Erase.Storage, c.Erase.KeyRing, c.Erase.Log
	case Link:
		out.SupportLink, out.Data, out.KeyRing = c.Link.SupportLink, c.Link.Data, c.Link.KeyRing
	case Diagnose:
		out.Email, out.JSON, out.Options = c.Diagnose.Email, c.Diagnose.JSON, c.Diagnose.Options
	case Backup:
		out.File, out.Storage = c.Backup.File, c.Backup.Storage
	case Health:
		out.OpsListen = c.Health.OpsListen
	case Report:
		out.Period = c.Report.Period
		out.JSON, out.Storage, out.Log = c.Report.JSON, c.Report.Storage, c.Report.Log
	case Conformance:
		out.Candidate = c.Conformance.Candidate
	}
	return out
}

var errHelp = errors.New("help")

// helpFlag ends the reading of a command line wherever it stands.
type helpFlag bool

// BeforeReset is called by kong before any value is read.
func (helpFlag) BeforeReset() error { return errHelp }

// IsBool lets the flag stand without a value.
func (helpFlag) IsBool() bool { return true }

func ctxOf(err error) *kong.Context {
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		return parse.Context
	}
	return nil
}
