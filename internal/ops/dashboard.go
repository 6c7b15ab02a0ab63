package ops

import (
	_ "embed" // for the dashboard
	"net/http"
)

// dashboard is a Grafana dashboard over the metrics, to be imported as it is; Grafana asks for the data source.
//
//go:embed grafana.json
var dashboard []byte

// ServeDashboard serves the dashboard.
func ServeDashboard(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(dashboard) // whoever went away gets nothing more
}
