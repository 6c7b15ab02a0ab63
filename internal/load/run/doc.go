// Package run is the program behind `make bench`: it measures how fast Latchkey is on this machine.
package main
