package sqlstore

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	queryName = regexp.MustCompile(`(?m)^-- name: (\w+) :\w+\n`)
	parameter = regexp.MustCompile(`sqlc\.arg\(\w+\)|\$\d+`)
	embedded  = regexp.MustCompile(`sqlc\.embed\((\w+)\)`)
)

// mayScan are the queries that read a whole table, or a whole index, and why that is no harm.
var mayScan = map[string]string{
	"QueueStats":         "the index of what is queued, and nothing else",
	"ReleaseLeases":      "once at a start, the index of what is queued",
	"ClearDoomed":        "holds the cases of one batch",
	"ReportCases":        "somebody reads a report now and then, of most of what is kept",
	"ReportTimesToProof": "as ReportCases",
	"ReportDeliveries":   "as ReportCases; no start pays for an index of it",
	"ForgetPrefills":     "erasing a person is rare, and a prefill has no hash",
	"NewestCases":        "the index of when cases began, in its order, as far as a page goes",
	"Seals":              "once at a start, as many as there were address keys",
	"AuditOfAgents":      "the index of what agents did, in its order, as far as a page goes",
}

// small is read whole: doomed, which is x in the queries; what is leased at once, which is due; what has come
// from indexes, which is k; and what is counted at once.
var small = []string{"SCAN x", "SCAN due", "SCAN k", "SCAN 2-ROW VALUES CLAUSE"}

// Every query finds its rows by an index, so that it stays fast with millions of rows.
func TestQueriesUseIndexes(t *testing.T) {
	s := openHere(t)
	files, err := filepath.Glob("queries/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names, bodies := queryName.FindAllStringSubmatch(string(text), -1), queryName.Split(string(text), -1)[1:]
		for i, body := range bodies {
			t.Run(names[i][1], func(t *testing.T) { checkPlan(t, s, names[i][1], body) })
		}
	}
}

func checkPlan(t *testing.T, s fileStore, name, body string) {
	query := embedded.ReplaceAllString(parameter.ReplaceAllString(body, "1"), "$1.*")
	rows, err := s.file.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		whole := strings.HasPrefix(step, "SCAN ") && !slices.Contains(small, step) && !strings.Contains(step, " CONSTANT ROW")
		if whole && mayScan[name] == "" {
			t.Errorf("reads everything: %s", step)
		}
		if name == "LeaseDue" && strings.Contains(step, "TEMP B-TREE") {
			t.Errorf("sorts the queue: %s", step)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
