package attack

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestFiftyWrongCodesAtOnceSpendTheCode(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	b := d.browser()
	b.start("customerX@example.com")
	code := strings.ReplaceAll(d.mail("customerX@example.com", 0).code(), " ", "")
	wrong := string('0'+(code[0]-'0'+1)%10) + code[1:]
	f := b.field("code")
	var pressed sync.WaitGroup
	for range 50 {
		pressed.Go(func() {
			if _, _, err := b.once(http.MethodPost, b.page.url, f.with("code", wrong)); err != nil {
				t.Error(err)
			}
		})
	}
	pressed.Wait()
	if p := b.submit(f, "code", code); len(p.hooks["situation"]) > 0 {
		t.Error("after fifty wrong codes the right one still worked")
	}
}

func TestLinkTwentyTimesAtOnceWorksOnce(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	asker := d.browser()
	asker.start("customerX@example.com")
	link := d.mail("customerX@example.com", 0).links()[0]
	browsers := make([]*browser, 20)
	for i := range browsers {
		browsers[i] = d.browser()
		browsers[i].get(link)
	}
	var worked atomic.Int32
	var pressed sync.WaitGroup
	for _, b := range browsers {
		pressed.Go(func() {
			f := b.field("email")
			p, err := b.try(http.MethodPost, f.action, f.with("email", "customerX@example.com"))
			if err != nil {
				t.Error(err)
			} else if len(p.hooks["situation"]) > 0 {
				worked.Add(1)
			}
		})
	}
	pressed.Wait()
	if got := worked.Load(); got != 1 {
		t.Errorf("the link worked %d times, want 1", got)
	}
}

func TestAlteredLinksAreRefused(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	d.browser().start("customerX@example.com")
	link := d.mail("customerX@example.com", 0).links()[0]
	for at := len(link) - 64; at < len(link); at += 7 {
		altered := []byte(link)
		altered[at] = "AB"[(altered[at] & 1)]
		if string(altered) == link {
			continue
		}
		b := d.browser()
		if p := b.get(string(altered)); b.has("email") && p.url.Path == "/prove" {
			t.Errorf("a link altered at %d is taken", at)
		} else if p.status >= 500 {
			t.Errorf("a link altered at %d is answered %d", at, p.status)
		}
	}
}
