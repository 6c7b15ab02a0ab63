package attack

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "take the README's picture anew")

const (
	readmePicture = "testdata/pages.png"
	phoneWidth    = 390 // in CSS pixels, as the height is
	phoneHeight   = 820
	phoneScale    = 1.5
)

// The README shows three pages as they look on a phone. Its alternative text has what is read there, so that a picture
// of other pages than these does not stay.
func TestReadmeShowsThePages(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	d := startDemo(t, "--limit-scale", "20")
	p := d.person()
	p.do(chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateScale(phoneScale)))
	headings, pages := p.mainWay("customerX@example.com")
	want := "![On a phone: “" + strings.Join(headings, "”, then “") + "”](internal/attack/" + readmePicture + ")"
	if *update {
		if err := os.WriteFile(readmePicture, sideBySide(t, pages), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Contains(readme, []byte(want)) {
		t.Errorf("the README does not have\n%s\nif the pages are others now: go test ./internal/attack -run Readme -update", want)
	}
	shown, err := os.Open(readmePicture)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shown.Close() }()
	if _, err := png.DecodeConfig(shown); err != nil {
		t.Errorf("%s: %v", readmePicture, err)
	}
}

// mainWay goes as far as the reason, and returns what heads each page and how it looks.
func (p *person) mainWay(address string) (headings []string, pages []image.Image) {
	p.t.Helper()
	look := func() {
		p.t.Helper()
		heading, err := chromedp.Run(p.ctx, chromedp.Text(`h1`))
		if err != nil {
			p.t.Fatal(err)
		}
		shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			p.t.Fatal(err)
		}
		page, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			p.t.Fatal(err)
		}
		headings, pages = append(headings, heading), append(pages, page)
	}
	p.open(p.d.base + "/")
	p.do(chromedp.SendKeys(`input[name=email]`, address))
	look()
	p.press(`form:has(input[name=email]) button`)
	code := p.d.mail(address, 0).code()
	p.d.settled()
	p.open(p.d.base + "/check-email")
	look()
	p.do(chromedp.SendKeys(`input[name=code]`, code))
	p.press(`form:has(input[name=code]) button`)
	look()
	return headings, pages
}

// sideBySide is the pages in a row, each in a frame, as PNG.
func sideBySide(t *testing.T, pages []image.Image) []byte {
	t.Helper()
	const frame, gap = 2, 24 * phoneScale
	page := pages[0].Bounds().Inset(-frame).Size()
	row := image.NewNRGBA(image.Rect(0, 0, len(pages)*(page.X+gap)-gap, page.Y))
	for i, p := range pages {
		at := image.Rectangle{Max: page}.Add(image.Pt(i*(page.X+gap), 0))
		draw.Draw(row, at, image.NewUniform(color.Gray{Y: 0xb4}), image.Point{}, draw.Src)
		draw.Draw(row, at.Inset(frame), p, p.Bounds().Min, draw.Src)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, row); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
