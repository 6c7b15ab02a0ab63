package attack

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// keepSource writes down the page as the server sent it, before the browser mended what it could: that is
// what validMarkup reads when the test is over.
func (p *person) keepSource(name string) {
	p.t.Helper()
	if p.sources == "" {
		p.sources = p.t.TempDir()
		p.t.Cleanup(func() { p.t.Helper(); validMarkup(p.t, p.sources) })
	}
	var source string
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		tree, err := cdp.Call(ctx, t, cdppage.GetFrameTree, cdp.Empty{})
		if err != nil {
			return err
		}
		// The request of a document bears the name of what loaded it.
		request := network.RequestID(tree.FrameTree.Frame.LoaderID)
		got, err := cdp.Call(ctx, t, network.GetResponseBody, network.GetResponseBodyParams{RequestID: request})
		source = string(got.Body)
		return err
	}))
	if !strings.HasPrefix(strings.ToLower(source), "<!doctype html>") {
		p.t.Errorf("%s: its source is not that of a page: %.100q", name, source)
	}
	file := filepath.Join(p.sources, strings.ReplaceAll(name, "/", "-")+".html")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// markupFaults is what html-validate says of one file.
type markupFaults []struct {
	FilePath string
	Messages []struct {
		RuleID, Message string
		Line, Column    int
	}
}

// Every page that is for everybody, by the links of the help page.
func TestHelpPagesAreValidMarkup(t *testing.T) {
	if os.Getenv(htmlValidate) == "" {
		t.Skip("NOT RUN: no html-validate (" + htmlValidate + " is empty; `make test` provides it)")
	}
	d := startDemo(t, "--limit-scale", "20")
	b := d.browser()
	folder, pages := t.TempDir(), 0
	for _, link := range append(b.get("/help").links, "/help", "/nowhere", "/l/nonsense") {
		if !strings.HasPrefix(link, "/") {
			continue
		}
		pages++
		name := filepath.Join(folder, strings.ReplaceAll(strings.Trim(link, "/"), "/", "-")+".html")
		if err := os.WriteFile(name, []byte(b.get(link).body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if pages < 10 {
		t.Errorf("only %d pages: the help page leads nowhere", pages)
	}
	validMarkup(t, folder)
}

// htmlValidate is the variable with the path of html-validate's script.
const htmlValidate = "LATCHKEY_TEST_HTML_VALIDATE"

// validMarkup has html-validate read every page in a folder. Its one rule of its own is the length of
// titles: ours say what is wrong and whose page it is, which is worth more than a short tab.
func validMarkup(t testing.TB, folder string) {
	t.Helper()
	script := os.Getenv(htmlValidate)
	if script == "" {
		t.Error("NOT CHECKED: the markup: no html-validate (" + htmlValidate + " is empty; `make test` provides it)")
		return
	}
	config, err := filepath.Abs("testdata/htmlvalidate.json")
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report.json") // a pipe would be cut off where it is full
	said, ended := exec.Command("node", script, "--config", config, "--formatter", "json="+report, folder).CombinedOutput()
	var found markupFaults
	out, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil {
		t.Errorf("NOT CHECKED: the markup: html-validate: %v, %v\n%s", err, ended, said)
	}
	for _, f := range found {
		for _, m := range f.Messages {
			t.Errorf("%s:%d:%d: %s (%s)", filepath.Base(f.FilePath), m.Line, m.Column, m.Message, m.RuleID)
		}
	}
}
