package templates_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var look = flag.String("look", "", "write every page and mail with sample data to this `folder`, to be looked at")

// TestLook writes what a reviewer opens in a browser: go test ./templates -run Look -args -look /some/folder
func TestLook(t *testing.T) {
	if *look == "" {
		return
	}
	r := renderer(t)
	for _, s := range allSamples() {
		var b bytes.Buffer
		if err := r.Page(&b, "en", s.page); err != nil {
			t.Fatal(err)
		}
		write(t, s.name+".html", strings.ReplaceAll(b.String(), "/assets/", "assets/"))
	}
	for _, s := range sampleMails() {
		m, err := r.Mail("en", s.mail)
		if err != nil {
			t.Fatal(err)
		}
		write(t, "mail-"+s.name+".html", m.HTML)
		write(t, "mail-"+s.name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
	}
	for _, name := range []string{"portal.css", "console.css", "portal.js", "icon.svg"} {
		content, err := os.ReadFile(filepath.Join("..", "assets", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join("assets", name), string(content))
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(*look, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
