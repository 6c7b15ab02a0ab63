package attack

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	p.d.until("the page says "+want, func() bool { return p.says(shownState) == want })
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
	if said := p.says(`document.querySelector("[data-delivery]").innerText`); !strings.Contains(said, "spelling") || !strings.Contains(said, "latchkey@acme.example") {
		t.Errorf("failed says %q", said)
	}
	if spoken := p.says(`window.spoken.at(-1)`); strings.Contains(spoken, "spelling") || !strings.Contains(spoken, "get through") {
		t.Errorf("spoken last: %q, want the sentence alone", spoken)
	}
	before = asked()
	time.Sleep(3 * time.Second)
	if n := asked() - before; n != 0 {
		t.Errorf("asked %d times after the last state", n)
	}
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
