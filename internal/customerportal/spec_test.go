package customerportal_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"latchkey/internal/customerportal"
)

type schema struct {
	Required   []string       `yaml:"required"`
	Properties map[string]any `yaml:"properties"`
}

type document struct {
	OpenAPI    string         `yaml:"openapi"`
	Paths      map[string]any `yaml:"paths"`
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

func TestTheDocumentSaysWhatTheWireTypesAre(t *testing.T) {
	var doc document
	if err := yaml.Unmarshal(customerportal.Spec, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi %q", doc.OpenAPI)
	}
	for _, wire := range []any{
		customerportal.Accounts{},
		customerportal.Account{},
		customerportal.Identity{},
		customerportal.Membership{},
		customerportal.Subscription{},
		customerportal.Invitation{},
		customerportal.BillingAccounts{},
		customerportal.BillingAccount{},
		customerportal.Link{},
		customerportal.Problem{},
	} {
		kind := reflect.TypeOf(wire)
		s, ok := doc.Components.Schemas[kind.Name()]
		if !ok {
			t.Errorf("no schema %s", kind.Name())
			continue
		}
		var members, required []string
		for field := range kind.Fields() {
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			members = append(members, name)
			if options != "omitempty" {
				required = append(required, name)
			}
		}
		var properties []string
		for p := range s.Properties {
			properties = append(properties, p)
		}
		same(t, kind.Name()+" has", properties, members)
		same(t, kind.Name()+" requires", s.Required, required)
	}
	same(t, "paths", keys(doc.Paths), []string{
		"/v1/accounts", "/v1/accounts/{id}/sign-in-links", "/v1/accounts/{id}/confirmations",
		"/v1/accounts/{id}/confirmation-links", "/v1/billing-accounts", "/v1/healthz",
	})
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s %v, want %v", what, got, want)
	}
}

func keys(m map[string]any) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}
