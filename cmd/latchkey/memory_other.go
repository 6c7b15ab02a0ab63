//go:build !linux

package main

// dropProgramPages is Linux' alone.
func dropProgramPages() {}
