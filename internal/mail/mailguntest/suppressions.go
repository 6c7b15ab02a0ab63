package mailguntest

import (
	"net/http"
	"strings"
	"time"
)

// Lists are the names of the suppression lists, as in their URLs.
var Lists = []string{"bounces", "complaints", "unsubscribes"}

// Suppression is an address that a domain no longer mails.
type Suppression struct {
	Address string
	Code    string // of a bounce
	Error   string // of a bounce
	At      time.Time
}

// Suppress puts an address on one of Lists.
func (s *Server) Suppress(list, domain string, e Suppression) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.suppressLocked(list, domain, e)
}

func (s *Server) suppressLocked(list, domain string, e Suppression) {
	key := list + " " + domain
	if s.lists[key] == nil {
		s.lists[key] = map[string]Suppression{}
	}
	s.lists[key][strings.ToLower(e.Address)] = e
}

func (s *Server) suppressedLocked(domain, address string) (bool, string) {
	for i, list := range Lists {
		if _, ok := s.lists[list+" "+domain][strings.ToLower(address)]; ok {
			return true, []string{"suppress-bounce", "suppress-complaint", "suppress-unsubscribe"}[i]
		}
	}
	return false, ""
}

// suppressions is /v3/DOMAIN/LIST[/ADDRESS]. Without an address, DELETE empties the list: what a client
// that does not escape `?@x.com` runs into.
func (s *Server) suppressions(w http.ResponseWriter, r *http.Request, parts []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	domain, list := parts[1], s.lists[parts[2]+" "+parts[1]]
	switch {
	case len(parts) == 3 && r.Method == http.MethodDelete:
		delete(s.lists, parts[2]+" "+domain)
		answer(w, http.StatusOK, map[string]string{"message": "list emptied"})
	case len(parts) == 3 && r.Method == http.MethodGet:
		items := []map[string]any{}
		for _, e := range list {
			items = append(items, e.json(parts[2]))
		}
		answer(w, http.StatusOK, map[string]any{"items": items})
	case len(parts) == 4:
		s.suppression(w, r, parts, list)
	default:
		answer(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
	}
}

func (s *Server) suppression(w http.ResponseWriter, r *http.Request, parts []string, list map[string]Suppression) {
	address := strings.ToLower(unescape(parts[3]))
	e, ok := list[address]
	switch {
	case !ok:
		answer(w, http.StatusNotFound, map[string]string{"message": "Address not found: " + address})
	case r.Method == http.MethodGet:
		answer(w, http.StatusOK, e.json(parts[2]))
	case r.Method == http.MethodDelete:
		delete(list, address)
		answer(w, http.StatusOK, map[string]string{"message": "removed", "address": address})
	default:
		answer(w, http.StatusMethodNotAllowed, map[string]string{"message": "Method Not Allowed"})
	}
}

func (e Suppression) json(list string) map[string]any {
	out := map[string]any{"address": e.Address, "created_at": e.At.UTC().Format(time.RFC1123)}
	switch list {
	case "bounces":
		out["code"], out["error"] = e.Code, e.Error
	case "complaints":
		out["count"] = 1
	case "unsubscribes":
		out["tags"], out["id"] = []string{"*"}, "1"
	}
	return out
}
