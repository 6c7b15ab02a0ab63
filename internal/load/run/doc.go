// Command run measures how fast Latchkey is on this machine; `make bench` calls it.
package main
