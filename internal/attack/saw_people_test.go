package attack

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const question = `details:has([name=symptom])`

// Help by the message on the screen, and the question after proof, for everybody and without scripts.
func TestMessagesAreForEverybody(t *testing.T) {
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.open(d.base + "/help")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
	p.check("help-picks")
	p.do(chromedp.SendKeys(`input[name=q]`, "It says “Email has already been taken”, what now? I am zoe@example.com"))
	p.press(`[role=search] button`)
	p.check("help-found")
	if body := p.body(); !strings.Contains(body, `href="/help/different-email"`) || strings.Contains(body, "zoe@") {
		t.Error("the message does not lead to its page, or an address is shown again")
	}
	p.do(chromedp.SetValue(`input[name=q]`, "Guru Meditation"))
	p.press(`[role=search] button`)
	p.check("help-unknown")

	p.prove("customerX@example.com")
	p.do(chromedp.Click(question + ` summary`))
	p.check("situation-question")
	p.press(question + ` button`)
	p.check("situation-nothing-chosen")
	p.do(chromedp.Click(`input[value=saw-email-has-already-been-taken]`))
	p.press(question + ` button`)
	p.check("situation-answered")
	if !strings.Contains(p.body(), "You told us what you saw") {
		t.Error("the page does not say what was answered")
	}
	p = d.person()
	p.prove("unconfirmed@example.com")
	p.press(`[data-action="resend-confirmation"] button`)
	p.check("situation-mail-waits")
}

func TestMessagesWithoutScripts(t *testing.T) {
	d := startDemo(t)
	p := d.person()
	p.withoutScripts()
	p.open(d.base + "/help")
	p.do(chromedp.Click(`main details summary`))
	p.press(`.picks li:last-child a`)
	if body := p.body(); !strings.Contains(body, "What this message usually means") {
		t.Error("a message that is picked leads nowhere")
	}
	p.prove("customerX@example.com")
	p.do(chromedp.Click(question + ` summary`))
	p.do(chromedp.Click(`input[value=owner-left]`))
	p.press(question + ` button`)
	if !strings.Contains(p.body(), `data-situation="owner-left"`) {
		t.Error("without scripts the answer is not taken")
	}
}
