package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// referenceBegins is what stands before the tables where the README does not.
const referenceBegins = `Each flag is also a variable: --public-url is LATCHKEY_PUBLIC_URL. A secret has a flag and variable ending
in -file (_FILE) that name a file to read it from.

`

// Reference writes every flag of `serve` and `demo` as Markdown tables, a table for each group: the one
// source of what the README says of them.
func Reference(w io.Writer) error {
	var grammar cli
	var p parsing
	p.getenv = func(string) string { return "" }
	k, err := kong.New(&grammar, p.options(&strings.Builder{})...)
	if err != nil {
		return err
	}
	var b strings.Builder
	group := ""
	for _, flag := range flagsOf(k.Model.Node, string(Serve)) {
		if flag.Group != nil && flag.Group.Title != group {
			group = flag.Group.Title
			fmt.Fprintf(&b, "\n**%s**\n\n| flag | default | what |\n| --- | --- | --- |\n", group)
		}
		fmt.Fprintf(&b, "| `--%s` | %s | %s |\n", flag.Name, code(flag.Default), cell(flag.Help))
	}
	_, err = io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

func flagsOf(root *kong.Node, command string) []*kong.Flag {
	for _, node := range root.Children {
		if node.Name == command {
			return node.Flags
		}
	}
	return nil
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// cell keeps a text within its cell of a Markdown table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
