package attack

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// known and unknown, in every state an account can be in: before proof all are alike.
var everyKind = []string{
	"healthy@example.com", "nobody@example.com", "unconfirmed@example.com", "customerX@example.com",
	"customerZ@example.com", "disabled@example.com", "bounced@example.com",
}

var varying = []struct {
	form *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`LK-\w{4}-\w{4}`), "REFERENCE"},
	{regexp.MustCompile(`(name="token" value=)"[^"]*"`), `$1"TOKEN"`},
	{regexp.MustCompile(`\d{1,2}:\d{2}`), "TIME"},
	{regexp.MustCompile(`datetime="[^"]*"`), "DATETIME"},
	{regexp.MustCompile(`(/l/)[\w-]+`), "${1}LINK"},
	{regexp.MustCompile(`\b\d{4} \d{4}\b`), "CODE"},
}

func alike(text, address string) string {
	for _, v := range varying {
		text = v.form.ReplaceAllString(text, v.to)
	}
	return strings.ReplaceAll(text, address, "ADDRESS")
}

// The answer to POST / and the page behind it, headers included, as bytes.
func TestAnswersBeforeProofAreByteIdentical(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	var want string
	for _, address := range everyKind {
		b := d.browser()
		b.get(b.base + "/")
		answer, body, err := b.once(http.MethodPost, b.page.url, b.field("email").with("email", address))
		if err != nil {
			t.Fatal(err)
		}
		got := headerText(answer) + body
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s is answered\n%s\nwant, as for %s,\n%s", address, got, everyKind[0], want)
		}
	}
	for _, seen := range []string{"303", "Location: /check-email\n", "Content-Security-Policy: ", "X-Request-Id: "} {
		if !strings.Contains(want, seen) {
			t.Errorf("the start was answered without %q: this test sees too little:\n%s", seen, want)
		}
	}
}

// headerText is the status and every header, but for what differs from one request to the next, and for the
// length, which is that of the body that is compared beside it.
func headerText(answer *http.Response) string {
	text := answer.Proto + " " + answer.Status + "\n"
	for _, name := range slices.Sorted(maps.Keys(answer.Header)) {
		for _, value := range answer.Header[name] {
			switch name {
			case "Date", "X-Request-Id", "Content-Length":
				value = "…"
			case "Set-Cookie":
				value = cookieAttributes(value)
			}
			text += name + ": " + value + "\n"
		}
	}
	return text
}

func cookieAttributes(cookie string) string {
	name, rest, _ := strings.Cut(cookie, "=")
	_, attributes, _ := strings.Cut(rest, ";")
	return name + "=…;" + attributes
}

// The page that waits, once each mail has gone its way; a mailbox that refuses mail differs by the
// delivery state and its sentence alone.
func TestPagesThatWaitAreAlike(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	var want string
	for _, address := range everyKind {
		b := d.browser()
		b.start(address)
		d.settled()
		b.get("/check-email")
		if address == "bounced@example.com" {
			if got := b.page.hooks["delivery"]; len(got) == 0 || got[0] != "failed" {
				t.Errorf("the mailbox that refuses mail shows %v, want failed", got)
			}
			continue
		}
		got := alike(b.page.body, address)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s waits on another page than %s:\n%s\nwant\n%s", address, everyKind[0], got, want)
		}
	}
}

func TestProofMailsAreAlike(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	var want string
	for _, address := range everyKind {
		if address == "bounced@example.com" {
			continue
		}
		d.browser().start(address)
		m := d.mail(address, 0)
		got := alike(m.Subject+"\n"+m.Text+"\n"+m.HTML, address)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("the mail to %s differs:\n%s\nwant\n%s", address, got, want)
		}
	}
}

// Asking for the page of somebody else's case by its reference leads nowhere.
func TestReferenceOpensNothing(t *testing.T) {
	d := startDemo(t)
	owner := d.prove("customerX@example.com")
	reference := owner.page.hooks["reference"][0]
	stranger := d.browser()
	for _, path := range []string{"/situation?reference=", "/support?ref=", "/?ref=", "/situation/", "/check-email?case="} {
		p := stranger.get(d.base + path + reference)
		if len(p.hooks["situation"]) > 0 || strings.Contains(strings.ToLower(p.text), "customerx@") {
			t.Errorf("%s shows the case", path)
		}
	}
}
