// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const burst = 100 * time.Millisecond

func serve(conn net.Conn, size int) {
	defer conn.Close()
	buffer := make([]byte, size)
	for {
		n, err := conn.Read(buffer)
		if n > 0 {
			if _, err := conn.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// Sleeps in the kernel, not in Go's runtime.
func usleep(d time.Duration) {
	left := syscall.NsecToTimespec(d.Nanoseconds())
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
}

func runHog(kind string, roundsPerMs int64) {
	for {
		if kind == "burn" {
			burn(burst.Milliseconds() * roundsPerMs)
		} else {
			usleep(burst)
		}
		time.Sleep(burst)
	}
}

func runHogs(n, ms, roundsPerMs int64) {
	begin := time.Now()
	var done sync.WaitGroup
	done.Add(int(n))
	for i := int64(0); i < n; i++ {
		go func() {
			defer done.Done()
			burn(ms * roundsPerMs)
		}()
	}
	done.Wait()
	fmt.Printf("hogs_s=%.4f\n", time.Since(begin).Seconds())
}

func echo() {
	procs := flag.Int("procs", 0, "GOMAXPROCS; 0: as the environment says")
	buffer := flag.Int("buffer", 4096, "bytes of a read")
	hog := flag.String("hog", "none", "burn, usleep or none")
	hogs := flag.Int64("hogs", 0, "goroutines that compute, when told to")
	hogMs := flag.Int64("hog_ms", 50, "what each of them computes")
	roundsPerMs := flag.Int64("rounds_per_ms", 500000, "see calibrate")
	flag.Parse()
	if *hog != "burn" && *hog != "usleep" && *hog != "none" {
		fmt.Fprintln(os.Stderr, "-hog: burn, usleep or none")
		os.Exit(2)
	}
	setProcs(*procs)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		die(err)
	}
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			if lines.Text() == "hogs" {
				go runHogs(*hogs, *hogMs, *roundsPerMs)
			}
		}
		os.Exit(0)
	}()
	if *hog != "none" {
		go runHog(*hog, *roundsPerMs)
	}
	fmt.Printf("listening on %s\n", ln.Addr())
	for {
		conn, err := ln.Accept()
		if err != nil {
			die(err)
		}
		go serve(conn, *buffer)
	}
}
