// Package gitlabtest is a GitLab to try look-ups against: the Users API as far as Latchkey asks it, with
// GitLab's own ways, for tests and for the demo. Its search finds names, usernames and secondary emails
// too, it shows private emails to administrators alone, pages its lists, counts requests, and it can be
// slow, fail, limit or answer nonsense. It writes down what came over the wire.
package gitlabtest
