package ops

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

var (
	sampleForm = regexp.MustCompile(`(?m)^([a-z0-9_]+)(?:\{([^}]*)\})? `)
	metricForm = regexp.MustCompile(`\b(?:latchkey|process|go)_[a-z0-9_]+`)
	labelForms = []*regexp.Regexp{
		regexp.MustCompile(`\bby \(([^)]*)\)`),
		regexp.MustCompile(`\{([^}]*)\}`),
	}
)

// registered are the metrics there are with their labels, those of a histogram under its three names: the
// families that the fields of Metrics hold, and what a scrape shows from the beginning.
func registered(t *testing.T) map[string][]string {
	t.Helper()
	m := NewMetrics("1.2.3")
	m.WatchQueue(func(context.Context) (int, time.Time, error) { return 0, time.Time{}, nil }, time.Now)
	m.WatchPause(func() time.Duration { return 0 })
	m.WatchRoom(func() bool { return false })
	m.WatchHandOffs(func(context.Context) (recovery.HandOffStats, error) { return recovery.HandOffStats{}, nil }, time.Now)
	all := map[string][]string{}
	fields := reflect.ValueOf(m).Elem()
	for i := range fields.NumField() {
		if field := fields.Field(i); field.Kind() == reflect.Struct {
			enter(all, field.FieldByName("name").String(), texts(field.FieldByName("labels")))
		}
	}
	scrape := httptest.NewRecorder()
	m.Handler().ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, found := range sampleForm.FindAllStringSubmatch(scrape.Body.String(), -1) {
		if _, ok := all[found[1]]; !ok {
			enter(all, found[1], labelsIn("{"+found[2]+"}"))
		}
	}
	return all
}

func enter(all map[string][]string, name string, labels []string) {
	labels = append(labels, "le", "instance")
	all[name] = labels
	if strings.HasSuffix(name, "_seconds") {
		all[name+"_bucket"], all[name+"_sum"], all[name+"_count"] = labels, labels, labels
	}
}

func texts(list reflect.Value) []string {
	var out []string
	for i := range list.Len() {
		out = append(out, list.Index(i).String())
	}
	return out
}

func expressions(t *testing.T) []string {
	t.Helper()
	var read struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(dashboard, &read); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range read.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

func TestDashboardAsksForWhatThereIs(t *testing.T) {
	known := registered(t)
	used := map[string]bool{}
	for _, expr := range expressions(t) {
		metrics := metricForm.FindAllString(expr, -1)
		if len(metrics) == 0 {
			t.Errorf("%s asks for no metric", expr)
		}
		for _, metric := range metrics {
			used[metric] = true
			labels, ok := known[metric]
			if !ok {
				t.Errorf("%s: there is no metric %s", expr, metric)
				continue
			}
			for _, label := range labelsIn(expr) {
				if !slices.Contains(labels, label) {
					t.Errorf("%s: %s has no label %s", expr, metric, label)
				}
			}
		}
	}
	for metric := range known {
		family := strings.NewReplacer("_bucket", "", "_sum", "", "_count", "").Replace(metric)
		if strings.HasPrefix(metric, namespace) && !used[family] && !used[family+"_bucket"] {
			t.Errorf("no panel shows %s", metric)
		}
	}
}

func labelsIn(expr string) []string {
	var labels []string
	for _, form := range labelForms {
		for _, found := range form.FindAllStringSubmatch(expr, -1) {
			for part := range strings.SplitSeq(found[1], ",") {
				label, _, _ := strings.Cut(strings.TrimSpace(part), "=")
				labels = append(labels, label)
			}
		}
	}
	return labels
}
