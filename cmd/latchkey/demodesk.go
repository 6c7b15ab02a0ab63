package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/demo"
	"latchkey/internal/desk/desktest"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// deskUser is the agent that Latchkey's token acts as at the demo's desk.
const deskUser = "latchkey@desk.example"

// supportDesk is a desk that speaks Zendesk's API, over HTTP: Latchkey reaches it as it would reach Zendesk.
// Its tickets are kept in the data folder, a line for each change, and of each note it mails support, as
// desks do.
type supportDesk struct {
	fake    *desktest.Zendesk
	web     *http.Server
	file    *os.File
	mu      sync.Mutex
	inbox   *demo.Inbox
	support string
	log     *slog.Logger
}

// ownDesk has Latchkey use the desk that listens at l, with a token that lives as long as the process.
func ownDesk(o config.Options, l net.Listener) config.Options {
	o.ZendeskURL, o.ZendeskUser, o.ZendeskToken = originOf(l), deskUser, secret.NewCookieID()
	if len(o.ZendeskPriority) == 0 {
		o.ZendeskPriority = []string{"normal", "sign-in-disabled=high"}
	}
	return o
}

// newSupportDesk answers on its listener until it is closed.
func newSupportDesk(o config.Options, l net.Listener, inbox *demo.Inbox, log *slog.Logger) (*supportDesk, error) {
	name := filepath.Join(o.Data, "desk.jsonl")
	kept, err := keptTickets(name)
	if err != nil {
		return nil, fmt.Errorf("the demo's desk: %w", err)
	}
	d := &supportDesk{inbox: inbox, support: o.SupportEmail, log: log}
	if d.file, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("the demo's desk: %w", err)
	}
	d.fake = desktest.NewZendesk(desktest.Options{
		User: o.ZendeskUser, Token: o.ZendeskToken, Tickets: kept, Changed: d.changed,
	})
	if len(kept) == 0 && o.Accounts == "" {
		d.fake.Add(firstTicket())
	}
	d.web = httpServer(d.fake, log)
	go func() {
		if err := d.web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("demo desk", "error", err)
		}
	}()
	return d, nil
}

// firstTicket is one that came before anybody knew Latchkey: a signed support link can bind a case to it.
func firstTicket() desktest.Ticket {
	const customer = "customerZ@example.com"
	return desktest.Ticket{
		Subject: "I can't get in to buy more seats", Status: "open", Priority: "normal", Requester: customer, Tags: []string{},
		Comments: []desktest.Comment{{
			Body:   "I sign in with my GitLab.com account and end up somewhere else. We need more seats this week.",
			Public: true, Author: customer, At: time.Now().UTC(),
		}},
	}
}

// keptTickets are those of the last run: of each the last line counts. A line that a crash cut off was never
// answered for.
func keptTickets(name string) ([]desktest.Ticket, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	byID := map[int64]desktest.Ticket{}
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var t desktest.Ticket
		if json.Unmarshal(line, &t) == nil {
			byID[t.ID] = t
		}
	}
	all := make([]desktest.Ticket, 0, len(byID))
	for _, t := range byID {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b desktest.Ticket) int { return int(a.ID - b.ID) })
	return all, nil
}

// changed keeps a ticket before the desk answers for it, and tells support of a new note.
func (d *supportDesk) changed(t desktest.Ticket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	line, err := json.Marshal(t)
	if err == nil {
		_, err = d.file.Write(append(line, '\n'))
	}
	if err == nil {
		err = d.file.Sync()
	}
	if n := len(t.Comments); err == nil && n > 0 && !t.Comments[n-1].Public {
		_, err = d.inbox.Send(context.Background(), d.told(t))
	}
	if err != nil {
		d.log.Error("demo desk", "error", err)
	}
}

// told is the mail to support about the newest note of a ticket: what the customer wrote, and the note.
func (d *supportDesk) told(t desktest.Ticket) recovery.Message {
	last := len(t.Comments) - 1
	var text strings.Builder
	if last == 1 && t.Comments[0].Public {
		text.WriteString("> " + strings.ReplaceAll(t.Comments[0].Body, "\n", "\n> ") + "\n\n")
	}
	text.WriteString(t.Comments[last].Body)
	return recovery.Message{
		DeliveryID: fmt.Sprintf("desk-%d-%d", t.ID, last), Kind: recovery.KindTicket, To: d.support, Subject: t.Subject,
		Text: text.String(), ReplyTo: t.Requester,
		Headers: map[string]string{"X-Desk-Ticket": fmt.Sprint(t.ID)},
	}
}

// tickets are what the page shows.
func (d *supportDesk) tickets() []demo.DeskTicket {
	var all []demo.DeskTicket
	for _, t := range d.fake.Tickets() {
		shown := demo.DeskTicket{
			ID: t.ID, Subject: t.Subject, Status: t.Status, Priority: t.Priority, Requester: t.Requester, Tags: t.Tags,
			ExternalID: t.ExternalID, FollowUpOf: t.FollowUpOf, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
		}
		for _, c := range t.Comments {
			shown.Comments = append(shown.Comments, demo.DeskComment{Body: c.Body, Public: c.Public, Author: c.Author, At: c.At})
		}
		all = append(all, shown)
	}
	return all
}

func (d *supportDesk) close() {
	if d != nil {
		_ = d.web.Close()
		_ = d.file.Close()
	}
}
