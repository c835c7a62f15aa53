// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

// The Go twins of the programs of bench/, in one binary: the first argument is
// the program's name. Flags and output are those of the C++ file of that name.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

var programs = map[string]func(){
	"calibrate": calibrate,
	"echo":      echo,
	"http":      hello,
	"micro":     micro,
	"million":   million,
	"spike":     spike,
	"timers":    timers,
}

func main() {
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: calibrate|echo|http|micro|million|spike|timers FLAGS")
		os.Exit(2)
	}
	program := programs[os.Args[1]]
	os.Args = os.Args[1:]
	program()
}

func die(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// 0 leaves it as the environment says.
func setProcs(n int) {
	if n > 0 {
		runtime.GOMAXPROCS(n)
	}
}

// A number of /proc/self/status in kB; -1 if it is not there.
func statusKb(name string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return -1
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			var kb int64
			fmt.Sscan(rest, &kb)
			return kb
		}
	}
	return -1
}

func waitForEndOfInput() {
	io.Copy(io.Discard, os.Stdin)
}
