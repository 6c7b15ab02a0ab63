package templates

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"sync"
	texttemplate "text/template"
)

// mailSet is the two templates of each mail, by the mail's name.
type mailSet map[string]mailPair

type mailPair struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// textWidth is where lines of a mail's text part are broken: RFC 5322 asks for no more than 78.
const textWidth = 76

// allMails is one of each mail.
func allMails() []Mail {
	return []Mail{
		MailProof{},
		MailSignIn{},
		MailConfirm{},
		MailSignedIn{},
		MailHandedOff{},
		MailHandOffNotice{},
		MailOtherAddress{},
		MailTicket{},
		MailDisowned{},
		MailOutcome{},
	}
}

func parseMails(w *words, o Options) (mailSet, error) {
	texts, err := texttemplate.New("").Funcs(textFuncs(w, o)).ParseFS(mailFiles, "mail/layout.txt")
	if err != nil {
		return nil, err
	}
	htmls, err := htmltemplate.New("").Funcs(pageFuncs(w, o)).Funcs(mailFuncs(w)).ParseFS(mailFiles, "mail/layout.html")
	if err != nil {
		return nil, err
	}
	set := mailSet{}
	for _, m := range allMails() {
		pair, err := parseMail(texts, htmls, m)
		if err != nil {
			return nil, fmt.Errorf("mail %s: %w", m.mail(), err)
		}
		fold(textTreesOf(pair.text), textConstants(w))
		fold(treesOf(pair.html), pageConstants(w, o))
		set[m.mail()] = pair
	}
	return set, nil
}

// mailFuncs are where a mail's HTML differs from a page's: no element around a time, no script to use it.
func mailFuncs(w *words) htmltemplate.FuncMap {
	return htmltemplate.FuncMap{"Clock": w.clock, "Paragraphs": paragraphs, "Act": act}
}

// mailAct is a link of a mail and the words on it.
type mailAct struct {
	Label htmltemplate.HTML
	URL   string
}

func act(label htmltemplate.HTML, url string) mailAct { return mailAct{Label: label, URL: url} }

func parseMail(texts *texttemplate.Template, htmls *htmltemplate.Template, m Mail) (mailPair, error) {
	text, err := texts.Clone()
	if err != nil {
		return mailPair{}, err
	}
	if text, err = text.ParseFS(mailFiles, "mail/"+m.mail()+".txt"); err != nil {
		return mailPair{}, err
	}
	html, err := htmls.Clone()
	if err != nil {
		return mailPair{}, err
	}
	if html, err = html.ParseFS(mailFiles, "mail/"+m.mail()+".html"); err != nil {
		return mailPair{}, err
	}
	return mailPair{text: text.Lookup("layout"), html: html.Lookup("layout")}, nil
}

// Mail renders m in the language nearest to lang.
func (r *Renderer) Mail(lang string, m Mail) (Rendered, error) {
	pair, ok := r.mails[r.Match(lang)][m.mail()]
	if !ok {
		return Rendered{}, fmt.Errorf("templates: no mail %q", m.mail())
	}
	rendered, err := pair.render(m)
	if err != nil {
		return Rendered{}, fmt.Errorf("mail %s: %w", m.mail(), err)
	}
	return rendered, nil
}

// buffers are used again: what is in them is copied before it leaves.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (p mailPair) render(m Mail) (r Rendered, err error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := p.text.ExecuteTemplate(b, "subject", m); err != nil {
		return r, err
	}
	r.Subject = strings.Join(strings.Fields(b.String()), " ")
	b.Reset()
	if err := p.text.Execute(b, m); err != nil {
		return r, err
	}
	r.unbroken = b.String()
	r.Text = wrap(r.unbroken, textWidth)
	b.Reset()
	if err := p.html.Execute(b, m); err != nil {
		return r, err
	}
	r.HTML = string(append(bytes.TrimSpace(b.Bytes()), '\n'))
	return r, nil
}
