package customerportal

import _ "embed"

// Spec is the OpenAPI 3.1 document of the Customer Portal API, which a vendor implements.
//
//go:embed openapi.yaml
var Spec []byte
