package mailguntest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type logsQuery struct {
	Start  string   `json:"start"`
	End    string   `json:"end"`
	Events []string `json:"events"`
	Filter struct {
		And []logsFilter `json:"AND"`
	} `json:"filter"`
	Pagination struct {
		Sort  string `json:"sort"`
		Token string `json:"token"`
		Limit int    `json:"limit"`
	} `json:"pagination"`
}

type logsFilter struct {
	Attribute  string `json:"attribute"`
	Comparator string `json:"comparator"`
	Values     []struct {
		Label string `json:"label"`
		Value string `json:"value"`
	} `json:"values"`
}

// has reports whether the filter names value, in whatever case.
func (q logsQuery) has(attribute, value string) bool {
	asked := false
	for _, f := range q.Filter.And {
		if f.Attribute != attribute {
			continue
		}
		asked = true
		for _, v := range f.Values {
			if strings.EqualFold(v.Value, value) {
				return true
			}
		}
	}
	return !asked
}

// logs is POST /v1/analytics/logs, in pages.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) {
	if s.opts.NoLogs {
		answer(w, http.StatusForbidden, map[string]string{"message": "not in your plan"})
		return
	}
	var q logsQuery
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || parseTime(q.Start).IsZero() {
		answer(w, http.StatusBadRequest, map[string]string{"message": "not a query"})
		return
	}
	found := s.findLogged(q)
	skip, _ := strconv.Atoi(q.Pagination.Token)
	page := paged(found, skip, min(max(q.Pagination.Limit, 1), 100))
	pagination := map[string]any{"total": len(found)}
	if next := skip + len(page); next < len(found) {
		pagination["next"] = strconv.Itoa(next)
	}
	items := make([]map[string]any, 0, len(page))
	for _, e := range page {
		items = append(items, e.logged())
	}
	answer(w, http.StatusOK, map[string]any{"items": items, "pagination": pagination})
}

func (s *Server) findLogged(q logsQuery) []Event {
	from, to := parseTime(q.Start), parseTime(q.End)
	var found []Event
	for domain := range s.opts.Domains {
		if !q.has("domain", domain) {
			continue
		}
		found = append(found, s.find(domain, func(e Event) bool {
			return (len(q.Events) == 0 || slices.Contains(q.Events, e.Type)) && q.has("recipient", e.Recipient) &&
				!e.At.Before(from) && !e.At.After(to)
		})...)
	}
	slices.SortStableFunc(found, func(a, b Event) int { return a.At.Compare(b.At) })
	if strings.HasSuffix(q.Pagination.Sort, ":desc") {
		slices.Reverse(found)
	}
	return found
}

// logged is the event as the Logs API writes it: another time, variables as text.
func (e Event) logged() map[string]any {
	out := e.JSON()
	delete(out, "timestamp")
	out["@timestamp"] = e.At.UTC().Format(time.RFC3339Nano)
	variables, _ := json.Marshal(e.Variables)
	out["user-variables"] = string(variables)
	return out
}
