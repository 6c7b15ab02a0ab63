package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

const variablePrefix = "LATCHKEY_"

// notOurs are variables that begin as ours do and are set by others: Kubernetes names a service's address so, and
// the tests have their own.
var notOurs = regexp.MustCompile(`^LATCHKEY_TEST_|_SERVICE_(HOST|PORT)(_|$)|_PORT(_\d|$)`)

// Unknown says of each variable of an environment that begins as Latchkey's do, and is none of them, which one may
// have been meant: a flag that is mistyped is refused, a variable that is would be passed over in silence.
func Unknown(environ []string) []string {
	var suspects []string
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, variablePrefix) && value != "" && !notOurs.MatchString(name) {
			suspects = append(suspects, name)
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	slices.Sort(suspects)
	var grammar cli
	p := parsing{getenv: func(string) string { return "" }}
	k := kong.Must(&grammar, p.options(&strings.Builder{})...)
	known := map[string]bool{}
	for _, command := range k.Model.Children {
		for _, flag := range command.Flags {
			known[variable(flag.Name)] = true
		}
	}
	var unknown []string
	for _, name := range suspects {
		if !known[name] {
			unknown = append(unknown, name+": there is no such setting"+meant(k, name))
		}
	}
	return unknown
}

var quotedFlag = regexp.MustCompile(`"--([a-z0-9-]+)"`)

// meant names the variables whose flags are like that of a name, as for a flag that is mistyped.
func meant(k *kong.Kong, name string) string {
	flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, variablePrefix), "_", "-"))
	_, err := k.Parse([]string{string(Serve), "--" + flag})
	if err == nil {
		return ""
	}
	var like []string
	for _, found := range quotedFlag.FindAllStringSubmatch(err.Error(), -1) {
		like = append(like, variable(found[1]))
	}
	if len(like) == 0 {
		return ""
	}
	return ", did you mean " + strings.Join(like, " or ") + "?"
}
