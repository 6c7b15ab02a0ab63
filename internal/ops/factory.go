package ops

import (
	"slices"
	"strconv"
	"strings"

	vm "github.com/VictoriaMetrics/metrics"
)

const namespace = "latchkey_"

// factory makes metrics of one set.
type factory struct{ set *vm.Set }

func (f factory) counter(name string) *vm.Counter { return f.set.NewCounter(namespace + name) }

func (f factory) counters(name string, labels ...string) counters {
	return counters{f.set, newFamily(name, labels)}
}

func (f factory) histograms(name string, buckets []float64, labels ...string) histograms {
	return histograms{f.set, newFamily(name, labels), buckets}
}

// family is the metrics of one name, by the values of their labels. Each is made at its first use.
type family struct {
	name   string
	labels []string
	order  []int // of the labels by name
}

func newFamily(name string, labels []string) family {
	f := family{name: namespace + name, labels: labels, order: make([]int, len(labels))}
	for i := range f.order {
		f.order[i] = i
	}
	slices.SortFunc(f.order, func(a, b int) int { return strings.Compare(labels[a], labels[b]) })
	return f
}

// with is the full name of the metric with these values, in the order of the family's labels.
func (f family) with(values []string) string {
	b := make([]byte, 0, 128)
	b = append(append(b, f.name...), '{')
	for n, i := range f.order {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(append(b, f.labels[i]...), '=')
		b = strconv.AppendQuote(b, values[i])
	}
	return string(append(b, '}'))
}

type counters struct {
	set *vm.Set
	family
}

func (c counters) inc(values ...string) { c.set.GetOrCreateCounter(c.with(values)).Inc() }

type histograms struct {
	set *vm.Set
	family
	buckets []float64
}

func (h histograms) observe(seconds float64, values ...string) {
	h.set.GetOrCreatePrometheusHistogramExt(h.with(values), h.buckets).Update(seconds)
}
