// Package http3 stands in for the HTTP/3 server that Gin would bring along. Gin offers one by a method of its
// engine, which the linker cannot leave out; Latchkey does not run it, and it is a megabyte of the program.
package http3
