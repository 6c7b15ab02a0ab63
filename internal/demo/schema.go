package demo

import _ "embed"

//go:embed schema.sql
var portalSchema string

//go:embed inbox.sql
var inboxSchema string
