package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"latchkey/internal/customerportal"
)

// overallChecks look back at every answer of the others.
func overallChecks() []check {
	return []check{
		{"shapes", "every answer has every member that the document has, of its type, and no account twice", overall(shapeFaults)},
		{"times", "every time is one by RFC 3339, and nothing was created in the future", overall(timeFaults)},
		{"media", "every success is application/json", overall(func(_ *session, x *Exchange) []string {
			if x.schema == "" || x.Media == customerportal.MediaJSON {
				return nil
			}
			return []string{fmt.Sprintf("is %s, want %s", media(x), customerportal.MediaJSON)}
		})},
		{"problems", "every error is application/problem+json with type, title and its own status", overall(problemFaults)},
		{"problem-words", "type and title of errors hold no address", overall(problemWords)},
		{"redirects", "no call is answered with a redirect", overall(func(s *session, x *Exchange) []string {
			if x.Status >= 300 && x.Status < 400 {
				return []string{fmt.Sprintf("answers %d", x.Status)}
			}
			return nil
		})},
		{"speed", "every call is answered within 5 seconds", overall(func(s *session, x *Exchange) []string {
			if x.took > allowed {
				return []string{fmt.Sprintf("took %s", x.took.Round(100*time.Millisecond))}
			}
			return nil
		})},
		{"size", "no answer has more than 1 MiB", overall(func(s *session, x *Exchange) []string {
			if len(x.body) > maxAnswer {
				return []string{"has more than 1 MiB"}
			}
			return nil
		})},
	}
}

func overall(faults func(*session, *Exchange) []string) func(context.Context, *session, *verdict) {
	return func(_ context.Context, s *session, v *verdict) {
		first := map[string]int{} // where a fault that many have in common is shown
		more := map[string]int{}
		for _, x := range s.past {
			for _, f := range faults(s, x) {
				if _, seen := first[f]; seen {
					more[f]++
					continue
				}
				first[f] = len(v.faults)
				v.wrong(x, f)
			}
		}
		for f, n := range more {
			v.faults[first[f]].Text += fmt.Sprintf(" (and so in %d more)", n)
		}
	}
}

func shapeFaults(s *session, x *Exchange) []string {
	if x.schema == "" {
		return nil
	}
	var faults []string
	for _, m := range s.document.misfits(x.schema, x.body) {
		if !m.time {
			faults = append(faults, m.text)
		}
	}
	seen := map[string]bool{}
	for _, a := range accountsOf(x) {
		switch {
		case a.ID != "" && seen[a.ID]:
			faults = append(faults, "the account "+text(a.ID)+" is there twice")
		case a.ID == "." || a.ID == ".." || strings.ContainsFunc(a.ID, func(r rune) bool { return r < ' ' || r == 0x7f }):
			faults = append(faults, "the id "+text(a.ID)+" cannot travel in a path")
		}
		seen[a.ID] = true
	}
	return faults
}

func timeFaults(s *session, x *Exchange) []string {
	if x.schema == "" {
		return nil
	}
	var faults []string
	for _, m := range s.document.misfits(x.schema, x.body) {
		if m.time {
			faults = append(faults, m.text)
		}
	}
	for _, a := range accountsOf(x) {
		for name, value := range map[string]any{"created_at": a.CreatedAt, "confirmed_at": a.ConfirmedAt} {
			if at, ok := moment(value); ok && at.After(s.now().Add(clockSkew)) {
				faults = append(faults, name+" of "+text(a.ID)+" is in the future")
			}
		}
	}
	return faults
}

// clockSkew is how far two clocks may be apart.
const clockSkew = 2 * time.Minute

func accountsOf(x *Exchange) []found {
	var answer struct {
		Accounts []found `json:"accounts"`
	}
	_ = json.Unmarshal(x.body, &answer)
	return answer.Accounts
}

// isProblem: a HEAD has no body to look at.
func isProblem(x *Exchange) bool {
	return x.Status >= 400 && !strings.HasPrefix(x.Request, http.MethodHead+" ")
}

func problemFaults(s *session, x *Exchange) []string {
	if !isProblem(x) {
		return nil
	}
	if x.Media != customerportal.MediaProblem {
		return []string{fmt.Sprintf("the error is %s, want %s", media(x), customerportal.MediaProblem)}
	}
	var faults []string
	for _, m := range s.document.misfits("Problem", x.body) {
		faults = append(faults, m.text)
	}
	var p customerportal.Problem
	if len(faults) == 0 && json.Unmarshal(x.body, &p) == nil && p.Status != x.Status {
		faults = append(faults, fmt.Sprintf("status is %d in an answer of %d", p.Status, x.Status))
	}
	return faults
}

func problemWords(_ *session, x *Exchange) []string {
	var p customerportal.Problem
	if !isProblem(x) || json.Unmarshal(x.body, &p) != nil {
		return nil
	}
	var faults []string
	for name, value := range map[string]string{"type": p.Type, "title": p.Title} {
		if strings.Contains(value, "@") || strings.Contains(strings.ToLower(value), "%40") {
			faults = append(faults, name+" holds an address, which would stand in logs")
		}
	}
	return faults
}
