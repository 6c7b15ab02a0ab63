package attack

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"latchkey/internal/mail/mailguntest"
)

// startAs asks for a mail in the real browser.
func (p *person) startAs(address string) {
	p.t.Helper()
	p.open(p.d.base + "/")
	p.do(chromedp.SetValue(`input[name=email]`, address))
	p.press(`form:has(input[name=email]) button`)
}

func (p *person) says(script string) string {
	p.t.Helper()
	said, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		p.t.Fatal(err)
	}
	return said
}

const shownState = `document.querySelector("[data-delivery]").dataset.delivery`

func (p *person) untilState(want string) {
	p.t.Helper()
	p.d.until("the page says "+want, func() bool { return p.sees(shownState) == want })
}

// sees is says for a page that may be giving way to another one: "" while it does.
func (p *person) sees(script string) string {
	said, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		return ""
	}
	return said
}

// The page that waits, in each state that a mail can be in.
func TestEveryStateOfAMailIsForEverybody(t *testing.T) {
	d, service := startMailed(t, mailguntest.Options{})
	p := d.person()
	fates := map[string]mailguntest.Fate{
		"accepted": mailguntest.Silent, "delivered": mailguntest.Delivered, "delayed": mailguntest.Delayed, "failed": mailguntest.Bounced,
	}
	for state, fate := range fates {
		service.SetFate(state+"@example.com", fate)
		p.startAs(state + "@example.com")
		p.untilState(state)
		p.check("check-email-" + state)
	}
	service.FailFor("queued@example.com", &mailguntest.Fault{Status: 503})
	p.startAs("queued@example.com")
	p.check("check-email-queued")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
	p.check("check-email-queued-open")
	p.startAs("mistyped@gmial.com")
	p.check("check-email-suggestion")
	p.open(d.base + "/?email=mistyped%40gmial.com")
	p.check("start-suggestion")
}

func TestCodesThatExpireAreForEverybody(t *testing.T) {
	d, service := startMailed(t, mailguntest.Options{}, "--prove-ttl", "2s", "--same-code-left", "1s")
	service.SetFate("expired@example.com", mailguntest.Silent)
	p := d.person()
	p.startAs("expired@example.com")
	d.until("the code has expired", func() bool {
		p.open(d.base + "/check-email")
		return p.says(`String(document.querySelector("input[name=code]") == null)`) == "true"
	})
	p.check("check-email-expired")
}

// What becomes of the mail shows by itself: it is spoken politely, nothing that was typed is lost, and the
// page stops asking when the state is the last, or when nobody looks.
func TestThePageFollowsTheMail(t *testing.T) {
	d, service := startMailed(t, mailguntest.Options{})
	p := d.person()
	service.Fail(&mailguntest.Fault{Status: 503, Times: 1})
	service.SetFate("ann@example.com", mailguntest.Silent)
	p.startAs("ann@example.com")
	if got := p.says(shownState); got != "queued" {
		t.Fatalf("the mail is %s at first, want queued", got)
	}
	p.do(
		chromedp.SendKeys(`input[name=code]`, "1234"),
		chromedp.Evaluate[chromedp.Void](`
			window.spoken = [];
			new MutationObserver(() => window.spoken.push(document.querySelector("[data-delivery] [role=status]").textContent))
				.observe(document.querySelector("[data-delivery] [role=status]"), { childList: true, subtree: true, characterData: true });
			document.querySelectorAll("details").forEach(d => d.open = true)`),
	)
	if n := p.says(`String(document.querySelectorAll("form[action='/check-email/resend']").length)`); n != "0" {
		t.Errorf("%s buttons to send a mail again that has not gone out", n)
	}
	p.untilState("accepted")
	if n := p.says(`String(document.querySelectorAll("details form[action='/check-email/resend']").length)`); n != "1" {
		t.Errorf("%s buttons to send it again once it went out, want 1", n)
	}
	if got := p.says(`document.querySelector("input[name=code]").value`) + " " + p.says(`document.activeElement.name`); got != "1234 code" {
		t.Errorf("the code field holds, and has the focus of, %q", got)
	}
	if spoken := p.says(`window.spoken.join("|")`); !strings.Contains(spoken, "went out") {
		t.Errorf("spoken: %q", spoken)
	}

	asked := func() int { return strings.Count(d.output(), "route=/check-email/state") }
	look := func(hidden bool) {
		p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`
			Object.defineProperty(document, "hidden", { value: %v, configurable: true });
			document.dispatchEvent(new Event("visibilitychange"))`, hidden)))
	}
	look(true)
	before := asked()
	time.Sleep(4 * time.Second)
	if n := asked() - before; n > 1 { // one may have been under way
		t.Errorf("asked %d times while nobody looked", n)
	}
	look(false)
	d.until("it asks again", func() bool { return asked() > before+1 })

	sent := service.to("ann@example.com")[0]
	service.tell(t, d, sent, "failed", "permanent")
	p.untilState("failed")
	if got := p.says(`document.querySelector("input[name=code]").value`); got != "1234" {
		t.Errorf("the code that was being typed is %q now", got)
	}
	if said := p.says(`document.querySelector("[data-delivery]").innerText`); !strings.Contains(said, "spelling") || !strings.Contains(said, "latchkey@acme.example") {
		t.Errorf("failed says %q", said)
	}
	if spoken := p.says(`window.spoken.at(-1)`); strings.Contains(spoken, "spelling") || !strings.Contains(spoken, "hasn’t reached") {
		t.Errorf("spoken last: %q, want the sentence alone", spoken)
	}
	before = asked()
	time.Sleep(3 * time.Second)
	if n := asked() - before; n != 0 {
		t.Errorf("asked %d times after the last state", n)
	}
}

// A mail that fails has another page, with another first thing to do. It comes by itself where no code is being
// typed, by a GET, whatever the page that waited was the answer to.
func TestThePageOfAMailThatFailsComesByItself(t *testing.T) {
	d, service := startMailed(t, mailguntest.Options{})
	p := d.person()
	service.SetFate("ann@example.com", mailguntest.Silent)
	p.startAs("ann@example.com")
	p.untilState("accepted")
	p.do(chromedp.SendKeys(`input[name=code]`, "1234"))
	p.press(`form:has(input[name=code]) button`) // answered by a page with an error on it
	service.tell(t, d, service.to("ann@example.com")[0], "failed", "permanent")
	d.until("the page says so from its top", func() bool {
		return p.sees(`document.querySelector("h1").textContent`) == "Our mail didn’t get through"
	})
	if title := p.says(`document.title`); !strings.HasPrefix(title, "Our mail didn’t get through") {
		t.Errorf("the title is %q", title)
	}
	if n := strings.Count(d.output(), `route=/check-email method=POST `); n != 1 {
		t.Errorf("the code was sent %d times", n)
	}
}

// Times are on the reader's own clock and say so: a mail says the same time in UTC. Hours are counted as the browser
// counts them, whatever the page's language does.
func TestTimesAreOfTheReadersClock(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	kiritimati := time.FixedZone("", 14*60*60) // where the day is another as well, for 14 hours of 24
	for locale, clock := range map[string]string{"de-DE": "15:04", "en-US": "3:04 PM"} {
		p := d.person()
		p.at("Pacific/Kiritimati", locale)
		reads := func(selector, layout string) {
			t.Helper()
			p.do(chromedp.Evaluate[chromedp.Void](`window.shown = document.querySelector("` + selector + `")`))
			stamp, err := time.Parse(time.RFC3339, p.says(`shown.dateTime`))
			if err != nil {
				t.Fatal(err)
			}
			want := stamp.In(kiritimati).Format(layout)
			if got := strings.ReplaceAll(p.says(`shown.textContent`), "\u202f", " "); got != want {
				t.Errorf("%s: %q, want %q", locale, got, want)
			}
		}
		p.startAs("customerX@example.com")
		reads("#code-hint time", clock+" your time")
		p.prove("customerX@example.com")
		p.open(d.base + "/support")
		p.do(chromedp.SendKeys(`textarea[name=message]`, "Please help."))
		p.press(`form:has(textarea[name=message]) button`)
		reads("main time", clock+" your time on 2 January 2006")
	}
}

// at puts the browser in a zone and gives it a language.
func (p *person) at(zone, locale string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: locale})
		return err
	}))
}

// Without scripts a reload does it.
func TestTheStateShowsWithoutScripts(t *testing.T) {
	d, service := startMailed(t, mailguntest.Options{})
	p := d.person()
	p.withoutScripts()
	service.SetFate("ann@example.com", mailguntest.Silent)
	p.startAs("ann@example.com")
	d.until("accepted after a reload", func() bool {
		b := p.body()
		if !strings.Contains(b, `data-delivery="accepted"`) {
			p.open(d.base + "/check-email")
			return false
		}
		return strings.Contains(b, "Reload the page")
	})
}
