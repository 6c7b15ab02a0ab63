package ops

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	descForm   = regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	metricForm = regexp.MustCompile(`\b(?:latchkey|process|go)_[a-z0-9_]+`)
	labelForms = []*regexp.Regexp{
		regexp.MustCompile(`\bby \(([^)]*)\)`),
		regexp.MustCompile(`\{([^}]*)\}`),
	}
)

// registered are the metrics of the registry with their labels, those of a histogram under its three names.
func registered(t *testing.T) map[string][]string {
	t.Helper()
	m := NewMetrics("1.2.3")
	m.WatchQueue(nil, nil)
	descs := make(chan *prometheus.Desc)
	go func() { m.registry.Describe(descs); close(descs) }()
	all := map[string][]string{}
	for d := range descs {
		found := descForm.FindStringSubmatch(d.String())
		if found == nil {
			t.Fatalf("cannot read %s", d)
		}
		labels := append(strings.Split(found[2], ","), "le", "instance")
		all[found[1]] = labels
		if strings.HasSuffix(found[1], "_seconds") {
			all[found[1]+"_bucket"], all[found[1]+"_sum"], all[found[1]+"_count"] = labels, labels, labels
		}
	}
	return all
}

func expressions(t *testing.T) []string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(Dashboard, &dashboard); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range dashboard.Panels {
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
