// Package load puts a server on this machine under load and measures it: a closed loop of browsers that keep
// cookies and go through the real journey, the mail server and the customer portal that such a server talks
// to, and the floor, which is the least that a handler on Gin can do for a start and for a page.
//
// It is for benchmarks alone; run is its program. It connects to loopback and nowhere else, and each of its
// loops has an end, in requests and in time. It knows Latchkey from outside: pages, forms and mails.
package load
