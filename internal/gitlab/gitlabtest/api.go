package gitlabtest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// shown is what everybody with a token sees of a user.
type shown struct {
	ID          int64  `json:"id"`
	Username    string `json:"username"`
	PublicEmail string `json:"public_email"`
	Name        string `json:"name"`
	State       string `json:"state"`
	Locked      bool   `json:"locked"`
	WebURL      string `json:"web_url"`
}

// shownToAdmins is what administrators see.
type shownToAdmins struct {
	shown
	Email             string     `json:"email"`
	CommitEmail       string     `json:"commit_email"`
	ConfirmedAt       *time.Time `json:"confirmed_at"`
	TwoFactor         bool       `json:"two_factor_enabled"`
	IsAdmin           bool       `json:"is_admin"`
	EnterpriseGroupID *int64     `json:"enterprise_group_id"`
}

func (s *Server) isAdmin(r *http.Request) bool { return tokenOf(r) == s.opts.Token }

func (s *Server) show(r *http.Request, u User) any {
	basic := shown{
		ID: u.ID, Username: u.Username, PublicEmail: u.PublicEmail, Name: u.Name, State: cmp.Or(u.State, "active"), Locked: u.Locked,
		WebURL: "https://gitlab.example.com/" + url.PathEscape(u.Username),
	}
	if !s.isAdmin(r) {
		return basic
	}
	full := shownToAdmins{shown: basic, Email: u.Email, CommitEmail: cmp.Or(u.CommitEmail, u.Email), TwoFactor: u.TwoFactor}
	if !u.ConfirmedAt.IsZero() {
		full.ConfirmedAt = &u.ConfirmedAt
	}
	if u.EnterpriseGroup != 0 {
		full.EnterpriseGroupID = &u.EnterpriseGroup
	}
	return full
}

// me tells whom the token belongs to; only an administrator is told of being one.
func (s *Server) me(w http.ResponseWriter, r *http.Request) {
	if s.isAdmin(r) {
		answer(w, http.StatusOK, shownToAdmins{shown: shown{ID: 1, Username: "root", Name: "Administrator", State: "active"}, IsAdmin: true})
		return
	}
	answer(w, http.StatusOK, shown{ID: 2, Username: "somebody", Name: "Somebody", State: "active"})
}

func (s *Server) one(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "id is invalid"})
		return
	}
	u, ok, err := s.opts.Users.User(r.Context(), id)
	switch {
	case err != nil:
		refuse(w, http.StatusInternalServerError, "500 Internal Server Error")
	case !ok:
		refuse(w, http.StatusNotFound, "404 User Not Found")
	default:
		answer(w, http.StatusOK, s.show(r, u))
	}
}

// list searches, newest user first, in pages.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	hits, err := s.opts.Users.Search(r.Context(), query.Get("search"))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "500 Internal Server Error")
		return
	}
	if !s.isAdmin(r) { // private emails are not searched for them
		text := query.Get("search")
		hits = slices.DeleteFunc(hits, func(u User) bool { return u.Email == text && u.PublicEmail != text })
	}
	slices.SortFunc(hits, func(a, b User) int { return cmp.Compare(b.ID, a.ID) })
	size, page := number(query, "per_page", 20, 100), number(query, "page", 1, 1<<20)
	from, to := min((page-1)*size, len(hits)), min(page*size, len(hits))
	w.Header().Set("X-Page", strconv.Itoa(page))
	w.Header().Set("X-Per-Page", strconv.Itoa(size))
	w.Header().Set("X-Total", strconv.Itoa(len(hits)))
	w.Header().Set("X-Next-Page", "")
	if to < len(hits) {
		w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
	}
	list := make([]any, 0, to-from)
	for _, u := range hits[from:to] {
		list = append(list, s.show(r, u))
	}
	answer(w, http.StatusOK, list)
}

func number(query url.Values, name string, otherwise, most int) int {
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, most)
}
