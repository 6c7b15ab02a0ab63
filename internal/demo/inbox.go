package demo

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"latchkey/internal/recovery"
)

// InboxConfig is what an inbox needs.
type InboxConfig struct {
	DataDir string // holds inbox.db; made if missing
	// From is the sender of what Send takes, such as `Customers Portal <help@example.com>`.
	From string
	Now  func() time.Time
}

// Inbox stands for everybody's mailbox: what is sent to anyone ends here, on disk. It is the demo's
// recovery.Sender and serves what it holds as pages and as JSON.
type Inbox struct {
	cfg    InboxConfig
	domain string // of Message-IDs
	db     *sql.DB
	pages  pages
	mux    http.Handler
}

var _ recovery.Sender = (*Inbox)(nil)

// Mail is one mail as the inbox keeps it; its JSON is that of /inbox.json.
type Mail struct {
	ID      string            `json:"id"` // the delivery's
	To      string            `json:"to"`
	From    string            `json:"from"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers"`
	At      time.Time         `json:"at"`
	Tags    []string          `json:"tags"`
}

// OpenInbox opens the inbox in its data folder.
func OpenInbox(ctx context.Context, cfg InboxConfig) (*Inbox, error) {
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, errors.New("demo: the inbox needs a sender such as `Customers Portal <help@example.com>`")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	db, err := openDB(ctx, cfg.DataDir, "inbox.db", inboxSchema)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	i := &Inbox{cfg: cfg, domain: domain, db: db, pages: pages}
	i.mux = i.routes()
	return i, nil
}

// Close closes the file.
func (i *Inbox) Close() error { return i.db.Close() }

var errRefused = errors.New("550 5.1.1 the mailbox is unavailable")

// Send takes a mail, once however often its delivery is repeated, and returns its Message-ID. The mailbox
// of BouncedAddress refuses for good.
func (i *Inbox) Send(ctx context.Context, m recovery.Message) (string, error) {
	if canonical(m.To) == BouncedAddress {
		return "", &recovery.SendError{Permanent: true, Reason: recovery.ReasonRefused, Err: errRefused}
	}
	messageID := "<" + m.DeliveryID + "@" + i.domain + ">"
	kept := Mail{
		ID: m.DeliveryID, To: m.To, From: i.cfg.From, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		At: i.cfg.Now(), Tags: []string{string(m.Kind)}, Headers: map[string]string{},
	}
	maps.Copy(kept.Headers, m.Headers)
	kept.Headers["Message-ID"] = messageID
	if m.ReplyTo != "" {
		kept.Headers["Reply-To"] = m.ReplyTo
	}
	if err := i.put(ctx, kept); err != nil {
		return "", &recovery.SendError{Err: fmt.Errorf("demo inbox: %w", err)}
	}
	return messageID, nil
}

// IsMailbox marks the inbox as every demo customer's mailbox: what it took is delivered.
func (*Inbox) IsMailbox() {}

// put keeps the first mail of an id, with the headers every mail has.
func (i *Inbox) put(ctx context.Context, m Mail) error {
	m.Headers["From"], m.Headers["To"], m.Headers["Subject"] = m.From, m.To, m.Subject
	m.Headers["Date"] = m.At.UTC().Format(time.RFC1123Z)
	headers, err := json.Marshal(m.Headers)
	if err != nil {
		return err
	}
	tags, err := json.Marshal(m.Tags)
	if err != nil {
		return err
	}
	_, err = i.db.ExecContext(ctx, `INSERT INTO mails (id, recipient, canonical, sender, subject, text, html, headers, tags, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
		m.ID, m.To, canonical(m.To), m.From, m.Subject, m.Text, m.HTML, headers, tags, millis(m.At))
	return err
}

const mailColumns = `SELECT id, recipient, sender, subject, text, html, headers, tags, at FROM mails `

// Mails are those to an address, or all if it is empty, newest first, at most n.
func (i *Inbox) Mails(ctx context.Context, to string, n int) ([]Mail, error) {
	where, args := "", []any{n}
	if to != "" {
		where, args = "WHERE canonical = $2 ", append(args, canonical(to))
	}
	rows, err := i.db.QueryContext(ctx, mailColumns+where+"ORDER BY seq DESC LIMIT $1", args...)
	return collect(rows, err, scanMail)
}

// Mail is the one with this id; sql.ErrNoRows if there is none.
func (i *Inbox) Mail(ctx context.Context, id string) (Mail, error) {
	rows, err := i.db.QueryContext(ctx, mailColumns+`WHERE id = $1`, id)
	found, err := collect(rows, err, scanMail)
	if err == nil && len(found) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return Mail{}, err
	}
	return found[0], nil
}

func scanMail(rows *sql.Rows) (Mail, error) {
	var m Mail
	var headers, tags []byte
	var at int64
	err := rows.Scan(&m.ID, &m.To, &m.From, &m.Subject, &m.Text, &m.HTML, &headers, &tags, &at)
	if err != nil {
		return Mail{}, err
	}
	m.At = fromMillis(at)
	err = errors.Join(json.Unmarshal(headers, &m.Headers), json.Unmarshal(tags, &m.Tags))
	return m, err
}
