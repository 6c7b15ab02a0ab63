package config

import (
	"errors"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// setter reads the text of a value into target; its error is the fault, without the text itself.
type setter func(v *kong.Value, text string, target reflect.Value) error

// text is a mapper that notes a fault and goes on where others end the reading.
func (p *parsing) text(set setter) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		var text string
		if err := ctx.Scan.PopValueInto("value", &text); err != nil {
			return err
		}
		err := set(ctx.Value, strings.TrimSpace(text), target)
		if items, ok := errors.AsType[itemFaults](err); ok {
			for _, f := range items {
				p.fault("%s %q: %s", p.name(ctx.Value.Name), shown(f.item), f.err)
			}
		} else if err != nil {
			p.fault("%s %q: %s", p.name(ctx.Value.Name), shown(text), err)
		}
		return nil
	}
}

// itemFaults are those of single items of a list, each of which is told by itself.
type itemFaults []itemFault

type itemFault struct {
	item string
	err  error
}

func (itemFaults) Error() string { return "has items with faults" }

var schemeOfURL = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:/+`)

// shown is a value as a fault may repeat it, which a log keeps: without what may be a password, which stands
// before the @ of a URL or of HOST:PORT, or in a URL's query.
func shown(text string) string {
	scheme := schemeOfURL.FindString(text)
	if user, host, ok := cutLast(text, "@"); ok && strings.Contains(user, ":") && !strings.Contains(user, " ") {
		text = scheme + "***@" + host
	}
	if page, query, ok := strings.Cut(text, "?"); ok && scheme != "" && query != "" {
		text = page + "?***"
	}
	return text
}

func cutLast(text, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// name is what a fault calls a value: its flag, or the variable that it came from.
func (p *parsing) name(flag string) string {
	if p.fromEnv[flag] {
		return variable(flag)
	}
	return "--" + flag
}

func textValue(check func(string) (string, error)) setter {
	return func(_ *kong.Value, text string, target reflect.Value) error {
		checked, err := check(text)
		target.SetString(checked)
		return err
	}
}

// listValue takes texts between commas; a later flag of the same name replaces an earlier one.
func listValue(check func(string) (string, error)) setter {
	return func(_ *kong.Value, text string, target reflect.Value) error {
		var list []string
		var faults itemFaults
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item == "" {
				continue
			}
			checked, err := check(item)
			if list = append(list, checked); err != nil {
				faults = append(faults, itemFault{item, err})
			}
		}
		target.Set(reflect.ValueOf(list))
		if len(faults) > 0 {
			return faults
		}
		return nil
	}
}

func choiceValue(v *kong.Value, text string, target reflect.Value) error {
	choices := strings.Split(v.Tag.Get("choices"), ",")
	if !slices.Contains(choices, text) {
		return errors.New("is none of " + strings.Join(choices, ", "))
	}
	target.SetString(text)
	return nil
}

func countValue(_ *kong.Value, text string, target reflect.Value) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > math.MaxInt32 {
		return errors.New("is no whole number from 1 on")
	}
	target.SetInt(int64(n))
	return nil
}

func factorValue(_ *kong.Value, text string, target reflect.Value) error {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0) || f > 1e6 {
		return errors.New("is no number above 0, a million at most")
	}
	target.SetFloat(f)
	return nil
}

// durationValue is Go's, with days besides: 90s, 15m, 1h30m, 7d. None at all is one where the flag says so.
func durationValue(v *kong.Value, text string, target reflect.Value) error {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
		if n > 36_500 {
			err = errors.New("more than a century")
		}
	}
	if err == nil && d == 0 && v.Tag.Has("zero") {
		target.SetInt(0)
		return nil
	}
	if err != nil || d <= 0 {
		return errors.New("is no time such as 90s, 15m, 1h or 7d")
	}
	target.SetInt(int64(d))
	return nil
}
