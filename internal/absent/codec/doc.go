// Package codec stands in for the MessagePack that Gin can bind and render. Gin names it in tables of its own, which
// the linker cannot leave out; Latchkey speaks none, and it is six megabytes of the program.
package codec
