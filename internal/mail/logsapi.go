package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"latchkey/internal/account"
)

// The Logs API is newer than mailgun-go v4 and not in it.

type logsRequest struct {
	Start      string      `json:"start"`
	End        string      `json:"end"`
	Events     []string    `json:"events"`
	Filter     logsFilter  `json:"filter"`
	Pagination logsPageAsk `json:"pagination"`
}

type logsFilter struct {
	And []logsPredicate `json:"AND"`
}

type logsPredicate struct {
	Attribute  string      `json:"attribute"`
	Comparator string      `json:"comparator"`
	Values     []logsValue `json:"values"`
}

type logsValue struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

type logsPageAsk struct {
	Sort  string `json:"sort"`
	Token string `json:"token,omitempty"`
	Limit int    `json:"limit"`
}

type logsAnswer struct {
	Items []struct {
		At        time.Time `json:"@timestamp"`
		Recipient string    `json:"recipient"`
		Tags      []string  `json:"tags"`
		Domain    struct {
			Name string `json:"name"`
		} `json:"domain"`
		Message struct {
			Headers struct {
				Subject string `json:"subject"`
			} `json:"headers"`
		} `json:"message"`
	} `json:"items"`
	Pagination struct {
		Next string `json:"next"`
	} `json:"pagination"`
}

// readLogs pages through the Logs API, newest first, until see has had enough.
func (d *domainLog) readLogs(ctx context.Context, a account.Address, since time.Time, see func(sentMail) bool) error {
	ask := logsRequest{
		Start:  since.UTC().Format(time.RFC1123Z),
		End:    d.now().UTC().Format(time.RFC1123Z),
		Events: []string{"accepted", "delivered"},
		Filter: logsFilter{And: []logsPredicate{
			equals("domain", d.domain),
			equals("recipient", a.Canonical()),
		}},
		Pagination: logsPageAsk{Sort: "timestamp:desc", Limit: 100},
	}
	for range logPages {
		page, err := d.askLogs(ctx, ask)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			m := sentMail{item.Domain.Name, item.Recipient, item.Message.Headers.Subject, item.Tags, item.At}
			if see(m) {
				return nil
			}
		}
		if page.Pagination.Next == "" || len(page.Items) == 0 {
			return nil
		}
		ask.Pagination.Token = page.Pagination.Next
	}
	return nil
}

func equals(attribute, value string) logsPredicate {
	return logsPredicate{Attribute: attribute, Comparator: "=", Values: []logsValue{{value, value}}}
}

func (d *domainLog) askLogs(ctx context.Context, ask logsRequest) (logsAnswer, error) {
	var page logsAnswer
	body, err := json.Marshal(ask)
	if err != nil {
		return page, fmt.Errorf("%w: query", ErrMailLog)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+"/v1/analytics/logs", bytes.NewReader(body))
	if err != nil {
		return page, fmt.Errorf("%w: query", ErrMailLog)
	}
	req.SetBasicAuth("api", d.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := d.client.Client().Do(req)
	if err != nil {
		return page, logFailure(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return page, logsRefusal(resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		return page, fmt.Errorf("%w: not the JSON that was expected", ErrMailLog)
	}
	return page, nil
}
