package demo

import (
	"net/http"
	"net/url"
)

// IndexConfig is what the first page of the ops listener shows. The URLs have no slash at the end.
type IndexConfig struct {
	LatchkeyURL func() string
	PortalURL   func() string
	// NoCustomers leaves the demo's own customers out, as Config does.
	NoCustomers bool
	// Desk: there is a demo desk.
	Desk bool
}

type indexPage struct {
	LatchkeyURL, PortalURL string
	Customers              []indexRow
	Desk                   bool
}

type indexRow struct {
	Customer
	StartURL string // Latchkey's start page with the address filled in
}

// Index is the page that says where everything of the demo is, for / of the ops listener.
func Index(cfg IndexConfig) (http.Handler, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		closeInbox(w.Header())
		page := indexPage{LatchkeyURL: cfg.LatchkeyURL(), PortalURL: cfg.PortalURL(), Desk: cfg.Desk}
		for _, c := range offered(cfg) {
			start := page.LatchkeyURL + "/?" + url.Values{"email": {c.Address}}.Encode()
			page.Customers = append(page.Customers, indexRow{Customer: c, StartURL: start})
		}
		if err := pages.render(w, http.StatusOK, "index", page); err != nil {
			http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		}
	}), nil
}

// offered are the customers that the page offers.
func offered(cfg IndexConfig) []Customer {
	if cfg.NoCustomers {
		return nil
	}
	return Customers()
}
