package attack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// chromium is a real browser; `make test` sees to it that there is one. Without it these tests cannot
// run, and say so.
func chromium(t testing.TB) context.Context {
	t.Helper()
	path := os.Getenv("LATCHKEY_TEST_CHROMIUM")
	if path == "" {
		t.Skip("NOT RUN: no Chromium (LATCHKEY_TEST_CHROMIUM is empty; `make test` provides one)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		chromedp.WSURLReadTimeout(2*time.Minute), // 20 s are not enough where everything starts at once
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// person uses a real browser.
type person struct {
	t    testing.TB
	ctx  context.Context
	d    *demo
	axe  string
	look string // where screenshots go, "" for nowhere
	// sources is the folder of the pages seen, as they were sent.
	sources string
}

func (d *demo) person() *person {
	d.t.Helper()
	p := &person{t: d.t, ctx: chromium(d.t), d: d, look: os.Getenv("LATCHKEY_TEST_SCREENSHOTS")}
	if path := os.Getenv("LATCHKEY_TEST_AXE"); path != "" {
		script, err := os.ReadFile(path)
		if err != nil {
			d.t.Fatal(err)
		}
		p.axe = string(script)
	}
	return p
}

func (p *person) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *person) open(url string) { p.t.Helper(); p.do(chromedp.Navigate(url)) }

// press clicks and waits for the page that comes.
func (p *person) press(selector string) {
	p.t.Helper()
	if _, err := chromedp.RunResponse(p.ctx, chromedp.Click(selector)); err != nil {
		p.t.Fatalf("pressing %s: %v", selector, err)
	}
}

func (p *person) location() string {
	p.t.Helper()
	at, err := chromedp.Run(p.ctx, chromedp.Location())
	if err != nil {
		p.t.Fatal(err)
	}
	return at
}

// prove asks for a code and enters it.
func (p *person) prove(address string) {
	p.t.Helper()
	before := len(p.d.inbox(address))
	p.open(p.d.base + "/")
	p.do(chromedp.SendKeys(`input[name=email]`, address))
	p.press(`form:has(input[name=email]) button`)
	code := p.d.mail(address, before).code()
	p.do(chromedp.SendKeys(`input[name=code]`, code))
	p.press(`form:has(input[name=code]) button`)
}

// check looks at the page as axe-core does, in light and dark, narrow and wide, and keeps a picture.
func (p *person) check(name string) {
	p.t.Helper()
	p.keepSource(name)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 1280} {
			p.do(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				return err
			}))
			p.fits(name, width)
			p.names(name, width)
			p.violations(name+", "+scheme, width)
			p.picture(fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
		}
	}
}

// withoutScripts switches them off for good.
func (p *person) withoutScripts() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// body is the page's markup as the browser has it.
func (p *person) body() string {
	p.t.Helper()
	body, err := chromedp.Run(p.ctx, chromedp.OuterHTML(`html`))
	if err != nil {
		p.t.Fatal(err)
	}
	return body
}

// fits fails where a page has to be scrolled sideways.
func (p *person) fits(name string, width int64) {
	p.t.Helper()
	wide, err := chromedp.Run(p.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	if err != nil {
		p.t.Fatal(err)
	}
	if wide > width {
		p.t.Errorf("%s at %d px is %d px wide", name, width, wide)
	}
}

// names fails where the name of something on screen breaks into pieces, each of which looks like a button, or sticks out
// of its line, or leaves what ends its sentence to the next.
func (p *person) names(name string, width int64) {
	p.t.Helper()
	broken, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("b.ui")].filter(b => {
		const line = b.parentElement.getBoundingClientRect();
		return b.getClientRects().length > 1 || b.getBoundingClientRect().right > line.right + 0.5;
	}).map(b => b.textContent)`))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, b := range broken {
		p.t.Errorf("%s at %d px: %q breaks into pieces, or sticks out", name, width, b)
	}
	lonely, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("b.ui")].filter(b => {
		const next = b.nextSibling;
		if (!next || next.nodeType !== Node.TEXT_NODE || !/^[.,:;?]/.test(next.data) || !b.checkVisibility()) return false;
		const stop = document.createRange();
		stop.setStart(next, 0);
		stop.setEnd(next, 1);
		return stop.getBoundingClientRect().top >= b.getBoundingClientRect().bottom;
	}).map(b => b.textContent)`))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, b := range lonely {
		p.t.Errorf("%s at %d px: the full stop or comma after %q stands on a line of its own", name, width, b)
	}
}

// violations runs axe-core, as a script of the debugger: the page's own policy allows none but ours.
func (p *person) violations(name string, width int64) {
	p.t.Helper()
	if p.axe == "" {
		p.t.Errorf("NOT CHECKED: %s: no axe-core (LATCHKEY_TEST_AXE is empty; `make test` provides it)", name)
		return
	}
	p.do(chromedp.Evaluate[chromedp.Void](p.axe))
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	}).then(r => r.violations.map(v => v.id + ": " + v.help + " at " + v.nodes.map(n => n.target).join(" ")))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, v := range found {
		p.t.Errorf("%s at %d px: %s", name, width, v)
	}
}

func (p *person) picture(file string) {
	p.t.Helper()
	if p.look == "" {
		return
	}
	image, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.look, file), image, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// The main way in a real browser, under the strict policy: the sign-in button arrives at the customer
// portal, which is another origin.
func TestMainWayInARealBrowser(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.open(d.base + "/")
	p.check("start")
	p.do(chromedp.SendKeys(`input[name=email]`, "not an address"))
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form:has(input[name=email])").noValidate = true`))
	p.press(`form:has(input[name=email]) button`)
	p.check("start-error")
	p.do(chromedp.SetValue(`input[name=email]`, "customerX@example.com"))
	p.press(`form:has(input[name=email]) button`)
	d.settled()
	p.open(d.base + "/check-email")
	p.check("check-email")
	p.do(chromedp.SendKeys(`input[name=code]`, "12345678"))
	p.press(`form:has(input[name=code]) button`)
	p.check("check-email-error")
	p.do(chromedp.SendKeys(`input[name=code]`, d.mail("customerX@example.com", 0).code()))
	p.press(`form:has(input[name=code]) button`)
	p.press(`[data-action=sign-in] button, button[data-action=sign-in]`)
	if at := p.location(); !strings.HasPrefix(at, d.portal) {
		t.Errorf("the sign-in button leads to %s, want %s", at, d.portal)
	}
}

// Every page, as its customer comes to it.
func TestEveryPageIsForEverybody(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	for _, address := range []string{
		"healthy@example.com", "reset@example.com", "unconfirmed@example.com", "customerX@example.com",
		"customerY@example.com", "customerZ@example.com", "gitlabZ@example.com", "disabled@example.com",
		"nobody@example.com", "firstname_lastname@organization.com",
	} {
		p.prove(address)
		p.check("situation-" + strings.ToLower(strings.ReplaceAll(address, "@", "-at-")))
	}
	p.open(d.base + "/support")
	p.check("support")
	p.do(chromedp.SendKeys(`textarea[name=message]`, "I bought this for our team and cannot get in."))
	p.press(`form:has(textarea[name=message]) button`)
	p.check("support-sent")
	for _, path := range []string{"/help", "/help/linked-email-mismatch", "/help/sign-in-disabled", "/nowhere", "/l/nonsense"} {
		p.open(d.base + path)
		p.check("page" + strings.ReplaceAll(path, "/", "-"))
	}
}

// The pages behind the links in mails, in a browser that did not ask.
func TestLinkPagesAreForEverybody(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	asker := d.prove("customerX@example.com")
	proof := d.inbox("customerX@example.com")[0]
	asker.act("email-sign-in-link")
	link := d.mail("customerX@example.com", 1)
	confirm := d.prove("unconfirmed@example.com")
	confirm.act("resend-confirmation")
	confirmation := d.mail("unconfirmed@example.com", 1)
	d.browser().start("customerY@example.com")
	fresh := d.mail("customerY@example.com", 0)
	bounced := d.browser()
	bounced.start("bounced@example.com")
	d.settled()

	p := d.person()
	p.open(fresh.links()[0])
	p.check("prove")
	p.open(link.links()[0])
	p.check("sign-in")
	p.open(link.links()[1])
	p.check("disown")
	p.open(confirmation.links()[0])
	p.check("confirm")
	p.open(proof.links()[0]) // used up by the code
	p.check("link-dead")
	p.open(fresh.links()[1])
	p.check("stop")
	p.do(chromedp.SendKeys(`input[name=email]`, "customerY@example.com"))
	p.press(`form:has(input[name=email]) button`)
	p.check("stopped")
	p.open(d.base + "/")
	p.do(chromedp.SendKeys(`input[name=email]`, "bounced@example.com"))
	p.press(`form:has(input[name=email]) button`)
	d.settled()
	p.open(d.base + "/check-email")
	p.check("check-email-failed")
}

// A button that copies stays one for who hears the page, and a part that speaks says that it did.
func TestACopyButtonStaysAButton(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.prove("healthy@example.com")
	p.do(
		chromedp.Evaluate[chromedp.Void](`navigator.clipboard.writeText = async text => { window.copied = text; }`),
		chromedp.Click(`button.copy`),
	)
	for what, js := range map[string]string{
		"it copies its reference":            `window.copied === document.querySelector("[data-reference]").dataset.reference`,
		"it is a button":                     `!document.querySelector("button.copy").hasAttribute("role")`,
		"a part beside it says that it does": `document.querySelector("button.copy + [role=status]").textContent === "Copied"`,
	} {
		if got, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](js)); err != nil || !got {
			t.Errorf("%s: got %v, %v", what, got, err)
		}
	}
}

// What is folded stands in one column, and a printed page has the text that is there to be sent.
func TestWhatIsFoldedAndWhatIsPrinted(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.prove("no-billing-access@example.com")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
	left, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]float64](
		`[...new Set([...document.querySelectorAll(".finding[data-situation] details > :not(summary)")].map(e => e.getBoundingClientRect().left))]`))
	if err != nil || len(left) != 1 {
		t.Errorf("what is folded begins at %v, want one place (%v)", left, err)
	}
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
	for selector, want := range map[string]bool{
		"blockquote": true, ".reference": true, "button[data-copy]": false, "[data-action=sign-in]": false, "input[name=symptom]": false, "form": false,
	} {
		shown, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.checkVisibility())`, selector)))
		if err != nil || shown != want {
			t.Errorf("printed, %s is shown: %t, want %t (%v)", selector, shown, want, err)
		}
	}
}

// Without scripts the journey is the same.
func TestMainWayWithoutScripts(t *testing.T) {
	d := startDemo(t)
	p := d.person()
	p.withoutScripts()
	p.prove("customerX@example.com")
	p.press(`[data-action=sign-in] button, button[data-action=sign-in]`)
	if at := p.location(); !strings.HasPrefix(at, d.portal) {
		t.Errorf("without scripts the sign-in button leads to %s", at)
	}
}
