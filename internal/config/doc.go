// Package config reads the command line and the LATCHKEY_* variables into one value, checks all of it
// once, and reports every fault together, in words, before anything starts.
//
// Flags and variables are one list: --public-url is LATCHKEY_PUBLIC_URL, and the flag wins. A secret can
// stand in a file: --portal-token-file, LATCHKEY_PORTAL_TOKEN_FILE. The package opens nothing but those
// files, knows no other package of ours, and never puts a secret into an error.
package config
