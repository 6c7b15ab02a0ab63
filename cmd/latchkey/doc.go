// Command latchkey is the whole product: the portal (serve), everything at once for trying it (demo), and
// the small commands around it. One file is one command; app.go puts the parts together for both servers.
//
// It is the only place that knows all packages. It holds no rules: what it decides is which part stands
// behind which port, and in which order they begin and end.
package main
