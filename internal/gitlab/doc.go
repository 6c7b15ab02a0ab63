// Package gitlab asks GitLab's Users API who an identity is now: its current email, whether that was
// confirmed, and whether it may sign in. It stands behind recovery.Identities.
//
// It only ever reads, with an administrator's token that is sent to one base URL and nowhere else; it is
// the one that keeps GitLab's rate limit. An answer that could have come from a token without rights, or
// that might have been cut off, is no answer. It knows nothing of cases or situations, and no text it
// makes holds an address, a token or a URL.
package gitlab
