// Package bson stands in for the BSON that Gin can bind and render. Gin names it in tables of its own, which the
// linker cannot leave out; Latchkey speaks none, and it is 0.6 MB of the program.
package bson
