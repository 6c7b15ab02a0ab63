package config

import (
	"slices"
	"strings"
)

// without returns args without what kong could not place, so that the rest can be read as well; false
// where there is nothing to leave out.
func without(args []string, err error) ([]string, bool) {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag "); ok {
		name, _, _ = strings.Cut(name, ",")
		return withoutFlag(args, name)
	}
	if name, ok := valueless(text); ok {
		return withoutName(args, name)
	}
	if name, ok := strings.CutPrefix(text, "unexpected argument "); ok {
		name, _, _ = strings.Cut(name, ", did you mean")
		if i := slices.Index(args, name); i >= 0 {
			return slices.Delete(slices.Clone(args), i, i+1), true
		}
	}
	return nil, false
}

// withoutFlag leaves out a flag, and what looks like its value if the command stands before it.
func withoutFlag(args []string, name string) ([]string, bool) {
	for i, arg := range args {
		if arg != name && !strings.HasPrefix(arg, name+"=") {
			continue
		}
		end := i + 1
		if arg == name && i > 0 && end < len(args) && !strings.HasPrefix(args[end], "-") {
			end++
		}
		return slices.Delete(slices.Clone(args), i, end), true
	}
	return nil, false
}

// withoutName leaves out a flag that has no value: what follows it is another flag, or nothing.
func withoutName(args []string, name string) ([]string, bool) {
	for i, arg := range args {
		if arg == name && (i+1 == len(args) || strings.HasPrefix(args[i+1], "-")) {
			return slices.Delete(slices.Clone(args), i, i+1), true
		}
	}
	return nil, false
}

// valueless is the flag of which kong says that it found another flag, or the end, in its value's place.
func valueless(text string) (flag string, ok bool) {
	flag, wants, ok := strings.Cut(text, ": expected ")
	return flag, ok && strings.HasPrefix(flag, "--") && strings.Contains(wants, " value but got ")
}

// negatives ties a number below zero to its flag. No flag begins with a digit, but kong takes the number
// for one, and says so in a parser's words.
func negatives(args []string) []string {
	var tied []string
	for i, arg := range args {
		if i > 0 && number(arg) && flagAlone(args[i-1]) {
			tied[len(tied)-1] += "=" + arg
		} else {
			tied = append(tied, arg)
		}
	}
	return tied
}

func number(arg string) bool {
	digits := strings.TrimPrefix(strings.TrimPrefix(arg, "-"), ".")
	return strings.HasPrefix(arg, "-") && digits != "" && digits[0] >= '0' && digits[0] <= '9'
}

func flagAlone(arg string) bool {
	return len(arg) > 2 && strings.HasPrefix(arg, "--") && !strings.Contains(arg, "=")
}

// sentence is what kong says, in our words where its own are those of a parser.
func sentence(err error) string {
	text := err.Error()
	if noCommand(err) {
		return "no command: " + text + `; "latchkey demo" shows everything`
	}
	if flag, ok := valueless(text); ok {
		return flag + ": the value is missing"
	}
	if name, ok := strings.CutPrefix(text, "expected "); ok {
		return strings.Trim(name, `"`) + ` is missing: --help says what it is`
	}
	if strings.HasPrefix(text, "unexpected argument ") && !strings.Contains(text, "did you mean") {
		return text + `; "latchkey help" says what there is`
	}
	return text
}

// noCommand is what is left where the only word was none.
func noCommand(err error) bool { return strings.HasPrefix(err.Error(), "expected one of ") }
