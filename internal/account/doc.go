// Package account holds what the customer portal knows, as plain data: accounts, the identities
// linked to them, billing accounts, and email addresses with the one rule of when two of them match.
//
// It knows nothing of cases, of HTTP or of any database, and imports nothing of ours.
package account
