// Package attack is the attack book: tests only, one file for each of the rules R1 to R14, written from
// the side of who would break it.
//
// The tests start the real binary, `latchkey demo`, on free ports and a temporary folder, and know of it
// what anybody can: its pages, its mails and the fixed hooks of its markup.
package attack
