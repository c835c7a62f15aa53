// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

// The twin of examples/http/hello.cc; unlike that it ends with its input.
func hello() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		die(err)
	}
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "Hello, World!\n")
	}
	go func() {
		die(http.Serve(ln, http.HandlerFunc(answer)))
	}()
	fmt.Printf("listening on %s\n", ln.Addr())
	waitForEndOfInput()
}
