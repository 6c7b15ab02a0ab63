// Package porttest chooses ports for the servers that tests start as processes of their own.
//
// It knows nothing of what will listen there.
package porttest
