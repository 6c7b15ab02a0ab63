// Package oidc has a customer sign in to their identity at its provider, or a support agent at theirs, by OpenID
// Connect: authorization code with PKCE, state and nonce. It owns the protocol: discovery, the URL that the browser
// goes to, the exchange of the code, and every check of the ID token.
//
// It keeps nothing of a sign-in and knows no session or case: state, nonce and verifier come from its
// caller, which also sees to it that only the browser that asked may finish. No code, token or address is
// in the text of an error.
package oidc
