package templates

import (
	"html/template"
	"net/url"
	"strings"
	"time"
)

// pageFuncs are what every page template and every mail's HTML may call.
func pageFuncs(w *words, o Options) template.FuncMap {
	return template.FuncMap{
		"T":    w.html,
		"Has":  w.has,
		"Word": w.word,
		"Lines": func(id string, kv ...any) ([]template.HTML, error) {
			lines, err := w.lines(id, kv...)
			out := make([]template.HTML, len(lines))
			for i, l := range lines {
				out[i] = toHTML(l)
			}
			return out, err
		},
		"Say":             w.say,
		"SayLines":        w.sayLines,
		"Reference":       reference,
		"Clock":           w.clockElement,
		"Moment":          w.moment,
		"When":            w.momentElement,
		"Lasting":         w.lasting,
		"HHMM":            func(t time.Time) string { return t.UTC().Format("15:04") },
		"Day":             w.day,
		"Lang":            func() string { return w.lang },
		"Site":            func() Site { return o.Site },
		"Asset":           o.Asset,
		"Contact":         contactURL,
		"ContactUnproven": w.contactUnproven,
		"ContactAbout":    w.contactAbout,
		"Code":            groups,
		"Count":           count,
		"Span":            w.span,
	}
}

// word is the message of an id of Go's, such as a step of the audit trail, or the id itself where nobody has
// given it words: a ticket must not wait for them.
func (w *words) word(prefix, id string) (string, error) {
	if !w.has(prefix + id) {
		return id, nil
	}
	return w.plain(prefix + id)
}

// say is one text of a finding, with what the finding knows; empty where there is none.
func (w *words) say(f FindingView, part string) (template.HTML, error) {
	lines, err := w.sayLines(f, part)
	if err != nil || len(lines) == 0 {
		return "", err
	}
	return lines[0], nil
}

// sayLines is the same, a line each.
func (w *words) sayLines(f FindingView, part string) ([]template.HTML, error) {
	var at template.HTML
	if !f.At.IsZero() {
		var err error
		if at, err = w.momentElement(f.At); err != nil {
			return nil, err
		}
	}
	lines, err := w.lines("situation."+f.Situation+"."+part,
		"Address", f.AccountAddress, "IdentityAddress", f.IdentityAddress, "At", at, "From", f.From, "Variant", f.Variant,
		"Mailed", f.Mailed, "Through", f.Through, "Elsewhere", f.Elsewhere, "Own", f.Own, "Instead", f.Instead,
		"Confirmed", f.Confirmed)
	var out []template.HTML
	for _, l := range lines {
		if len(f.Actions) == 0 { // a help page: there is no case to send
			l = noAskMarks.Replace(l)
		}
		if part == "saw" { // other wordings are for the search alone
			l, _, _ = strings.Cut(l, "|")
		}
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, toHTML(l))
		}
	}
	return out, err
}

// textFuncs are the same for a mail's text part.
func textFuncs(w *words, o Options) map[string]any {
	return map[string]any{
		"T":    w.plain,
		"Has":  w.has,
		"Word": w.word,
		"Lines": func(id string, kv ...any) ([]string, error) {
			lines, err := w.lines(id, kv...)
			for i := range lines {
				lines[i] = toPlain(lines[i])
			}
			return lines, err
		},
		"Clock":   w.clock,
		"Moment":  w.moment,
		"Lasting": w.lasting,
		"Lang":    func() string { return w.lang },
		"Site":    func() Site { return o.Site },
		"Code":    groups,
		"Quote":   quote,
		"After":   func(i int) int { return i + 1 },
	}
}

// clock is a time of day, such as "14:02 UTC".
func (w *words) clock(t time.Time) (string, error) {
	return w.plain("time.clock", "Clock", t.UTC().Format("15:04"))
}

// clockElement is the same for a page, where the script may turn it into the browser's own time.
func (w *words) clockElement(t time.Time) (template.HTML, error) {
	text, err := w.clock(t)
	if err != nil {
		return "", err
	}
	own, err := w.plain("time.own-clock", "Clock", "{clock}")
	return timeElement(t, text, own), err
}

// momentElement is a moment in the same way.
func (w *words) momentElement(t time.Time) (template.HTML, error) {
	text, err := w.moment(t)
	if err != nil {
		return "", err
	}
	own, err := w.plain("time.own-moment", "Clock", "{clock}", "Day", "{day}", "Month", "{month}", "Year", "{year}")
	return timeElement(t, text, own), err
}

// timeElement is a time as text in UTC, and the words for the browser's own, which the script fills in.
func timeElement(t time.Time, text, own string) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `" data-own="` + template.HTMLEscapeString(own) + `">` +
		template.HTMLEscapeString(text) + `</time>`)
}

// lasting is how long something lasts, such as "15 minutes", in the largest unit that it is a whole number of.
// What is over a whole minute is left out, but for what lasts no longer than that.
func (w *words) lasting(d time.Duration) (string, error) {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return w.plain("time.days", "Count", int(d/day))
	case d >= time.Hour && d%time.Hour == 0:
		return w.plain("time.hours", "Count", int(d/time.Hour))
	}
	return w.plain("time.minutes", "Count", max(1, int(d/time.Minute)))
}

// day is the day of a time, in UTC as all times of the console: agents compare them with logs. It is "" for none.
func (w *words) day(t time.Time) (string, error) {
	if t.IsZero() {
		return "", nil
	}
	t = t.UTC()
	month, err := w.plain("month." + strings.ToLower(t.Format("Jan")))
	if err != nil {
		return "", err
	}
	return w.plain("time.day", "Day", t.Day(), "Month", month, "Year", t.Year())
}

// moment is a time with its day. No two groups of four digits stand side by side in it, so that none is
// taken for a code.
func (w *words) moment(t time.Time) (string, error) {
	t = t.UTC()
	month, err := w.plain("month." + strings.ToLower(t.Format("Jan")))
	if err != nil {
		return "", err
	}
	return w.plain("time.moment", "Clock", t.Format("15:04"), "Day", t.Day(), "Month", month, "Year", t.Year())
}

// reference is a case's reference with its hook; nothing where there is no case.
func reference(ref string) template.HTML {
	if ref == "" {
		return ""
	}
	ref = template.HTMLEscapeString(ref)
	return template.HTML(`<span class="reference" data-reference="` + ref + `">` + ref + `</span>`)
}

// contactURL is the link of what people read as the support contact: a mailbox or a page.
func contactURL(contact string) template.URL {
	if strings.Contains(contact, "://") {
		return template.URL(contact) // configuration, checked by package config
	}
	return template.URL("mailto:" + contact)
}

// contactUnproven is the same for somebody who could not show the mailbox of a case: what they write bears
// its reference, and says that nothing shows whose case it is.
func (w *words) contactUnproven(contact, reference string) (template.URL, error) {
	return w.contactWith(contact, "check-email.support-subject", reference)
}

// contactAbout is the same for somebody who adds to their case.
func (w *words) contactAbout(contact, reference string) (template.URL, error) {
	return w.contactWith(contact, "support.add-subject", reference)
}

func (w *words) contactWith(contact, subjectID, reference string) (template.URL, error) {
	subject, err := w.plain(subjectID, "Reference", reference)
	to := contactURL(contact)
	if strings.HasPrefix(string(to), "mailto:") {
		to += template.URL("?subject=" + url.PathEscape(subject))
	}
	return to, err
}

var betweenDigits = strings.NewReplacer(" ", "", "-", "")

// groups sets a code as 4+4.
func groups(code string) string {
	digits := betweenDigits.Replace(code)
	if len(digits) != 8 {
		return digits
	}
	return digits[:4] + " " + digits[4:]
}

// quote sets what somebody wrote apart from what we say.
func quote(message string) string {
	message = strings.ReplaceAll(strings.TrimSpace(message), "\r\n", "\n")
	return "> " + strings.ReplaceAll(message, "\n", "\n> ")
}
