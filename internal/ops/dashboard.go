package ops

import (
	_ "embed" // for the dashboard
	"net/http"
)

// Dashboard is a Grafana dashboard over the metrics, to be imported as it is; Grafana asks for the data source.
//
//go:embed grafana.json
var Dashboard []byte

// ServeDashboard serves it.
func ServeDashboard(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(Dashboard) // whoever went away gets nothing more
}
