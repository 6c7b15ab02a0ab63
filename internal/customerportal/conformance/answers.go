package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"strings"
	"time"

	"latchkey/internal/account"
)

func keys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// found is what the checks look at of an account. It is read as far as it goes: whether an answer is of the
// right shape is a check of its own, so that one fault is not told by all.
type found struct {
	ID               string `json:"id"`
	Email            string `json:"email"`
	CreatedAt        any    `json:"created_at"`
	ConfirmedAt      any    `json:"confirmed_at"`
	UnconfirmedEmail any    `json:"unconfirmed_email"`
	SignInEnabled    any    `json:"sign_in_enabled"`
	Identity         struct {
		Subject string `json:"subject"`
		Email   string `json:"email"`
	} `json:"identity"`
}

// read reads an answer with the status that was wanted, and notes any other. Its shape is looked at later,
// by the schema of that name.
func (x *Exchange) read(v *verdict, status int, schema string, into any) bool {
	switch {
	case x.Error != "":
		v.wrong(x, "there is no answer: "+x.Error)
		return false
	case x.Status != status:
		v.wrong(x, fmt.Sprintf("answers %d, want %d", x.Status, status))
		return false
	}
	x.schema = schema
	_ = json.Unmarshal(x.body, into) // what is not of its type is left out
	return true
}

// find asks for accounts. That nobody is 404 is told by the checks of that alone; here it is nobody.
func (s *session) find(ctx context.Context, v *verdict, parameter, value string) ([]found, *Exchange) {
	x := s.accounts(ctx, parameter, value)
	if x.Status == http.StatusNotFound {
		return nil, x
	}
	var answer struct {
		Accounts []found `json:"accounts"`
	}
	x.read(v, http.StatusOK, "Accounts", &answer)
	return answer.Accounts, x
}

// wantNone is a look-up that finds nobody, and says so with an empty list.
func (s *session) wantNone(ctx context.Context, v *verdict, parameter, value, why string) {
	some, x := s.find(ctx, v, parameter, value)
	switch {
	case x.Status == http.StatusNotFound:
		v.wrong(x, "answers 404, want 200 with an empty list: "+why)
	case len(some) > 0:
		v.wrong(x, fmt.Sprintf("finds %d, want none: %s", len(some), why))
	}
}

// wantProblem is an error of that status. Whether it is well written is a check of its own.
func wantProblem(v *verdict, x *Exchange, why string, status ...int) {
	if x.Error != "" {
		v.wrong(x, "there is no answer: "+x.Error)
		return
	}
	var wanted []string
	for _, one := range status {
		if x.Status == one {
			return
		}
		wanted = append(wanted, fmt.Sprint(one))
	}
	v.wrong(x, fmt.Sprintf("answers %d, want %s: %s", x.Status, strings.Join(wanted, " or "), why))
}

// moment is a time of an answer; false if it is none.
func moment(value any) (time.Time, bool) {
	written, _ := value.(string)
	t, err := time.Parse(time.RFC3339, written)
	return t, err == nil
}

func media(x *Exchange) string {
	if x.Media == "" {
		return "of no type"
	}
	return x.Media
}

// same reports whether two stored or typed addresses match by the API's rule.
func same(a, b string) bool {
	left, err := account.ParseAddress(a)
	return err == nil && left.Is(b)
}

func has(accounts []found, id string) bool {
	for _, a := range accounts {
		if a.ID == id {
			return true
		}
	}
	return false
}

// at is the local part and the domain.
func at(address string) (local, domain string) {
	i := strings.LastIndexByte(address, '@')
	return address[:max(i, 0)], address[i+1:]
}
