// Package oidctest runs a real OpenID provider on loopback, with people who sign in to it by a form, for
// tests: the server of github.com/zitadel/oidc. What a provider can get wrong it does by Tamper.
package oidctest
