package demo

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"latchkey/internal/customerportal"
)

// listed bounds the page of the inbox; /inbox.json has all.
const listed = 200

// ServeHTTP serves /inbox, /inbox/{id} with its views, and /inbox.json. It is meant for a listener that
// only the person at the machine reaches: whoever sees it reads everybody's mail.
func (i *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.mux.ServeHTTP(w, r) }

func (i *Inbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inbox", i.page(i.showList))
	mux.HandleFunc("GET /inbox.json", i.page(i.showJSON))
	mux.HandleFunc("GET /inbox/{id}", i.page(i.showMail))
	mux.HandleFunc("GET /inbox/{id}/html", i.page(i.showHTML))
	mux.HandleFunc("GET /inbox/inbox.css", serveFile("pages/inbox/inbox.css"))
	return mux
}

func (i *Inbox) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		closeInbox(w.Header())
		err := h(w, r)
		switch {
		case err == nil:
		case errors.Is(err, sql.ErrNoRows):
			http.Error(w, "There is no such mail.", http.StatusNotFound)
		default:
			http.Error(w, "The inbox cannot be read.", http.StatusInternalServerError)
		}
	}
}

// closeInbox closes a page to everything that is not the inbox's own.
func closeInbox(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "+
		"base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

type listPage struct {
	To    string
	Mails []Mail
	More  bool // there are older ones
}

func (i *Inbox) showList(w http.ResponseWriter, r *http.Request) error {
	to := strings.TrimSpace(r.URL.Query().Get("to"))
	mails, err := i.Mails(r.Context(), to, listed+1)
	if err != nil {
		return err
	}
	return i.pages.render(w, http.StatusOK, "list", listPage{To: to, Mails: mails[:min(len(mails), listed)], More: len(mails) > listed})
}

// jsonMail is a mail of /inbox.json. At has all digits of its milliseconds, so that it sorts as text, too.
type jsonMail struct {
	Mail
	At string `json:"at"`
}

func (i *Inbox) showJSON(w http.ResponseWriter, r *http.Request) error {
	mails, err := i.Mails(r.Context(), r.URL.Query().Get("to"), math.MaxInt32)
	if err != nil {
		return err
	}
	shown := make([]jsonMail, len(mails))
	for n, m := range mails {
		shown[n] = jsonMail{m, m.At.UTC().Format("2006-01-02T15:04:05.000Z")}
	}
	w.Header().Set("Content-Type", customerportal.MediaJSON)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(shown)
}

// view is a way to look at one mail.
type view struct{ Name, Title string }

var views = []view{{"html", "As sent"}, {"text", "Plain text"}, {"headers", "Headers"}}

type mailPage struct {
	Mail    Mail
	View    string
	Views   []view
	Lines   []span // of the plain text
	Headers [][2]string
}

// span is a stretch of plain text, or a link in it.
type span struct {
	Text string
	Link bool
}

func (i *Inbox) showMail(w http.ResponseWriter, r *http.Request) error {
	m, err := i.Mail(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := mailPage{Mail: m, View: "html", Views: views, Lines: spans(m.Text)}
	for _, v := range views {
		if r.URL.Query().Get("view") == v.Name {
			page.View = v.Name
		}
	}
	if m.HTML == "" && page.View == "html" {
		page.View = "text"
	}
	for name, value := range m.Headers {
		page.Headers = append(page.Headers, [2]string{name, value})
	}
	slices.SortFunc(page.Headers, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return i.pages.render(w, http.StatusOK, "mail", page)
}

var head = regexp.MustCompile(`(?i)<head[^>]*>`)

// showHTML is the mail's own HTML, for the frame of its page: as good as any mail client's, without
// scripts, forms or anything from elsewhere. Links open in a new tab.
func (i *Inbox) showHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := i.Mail(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	const base = `<base target="_blank">`
	html := base + m.HTML
	if at := head.FindStringIndex(m.HTML); at != nil {
		html = m.HTML[:at[1]] + base + m.HTML[at[1]:]
	}
	w.Header().Set("Content-Security-Policy", "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "+
		"style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(html))
	return err
}

var urls = regexp.MustCompile(`https?://[^\s<>"']+`)

func spans(text string) []span {
	var all []span
	last := 0
	for _, at := range urls.FindAllStringIndex(text, -1) {
		end := at[0] + len(strings.TrimRight(text[at[0]:at[1]], ".,;:)]"))
		all = append(all, span{Text: text[last:at[0]]}, span{Text: text[at[0]:end], Link: true})
		last = end
	}
	return append(all, span{Text: text[last:]})
}
