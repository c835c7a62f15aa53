// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"sync"
)

type crowd struct {
	gate          chan struct{}
	arrived, done sync.WaitGroup
}

// Uses so many KiB of stack, and waits there until the gate is closed.
//
//go:noinline
func descend(kib int, c *crowd) int {
	var frame [1000]byte
	frame[kib%len(frame)] = 1
	depth := 0
	if kib > 1 {
		depth = descend(kib-1, c)
	} else {
		c.arrived.Done()
		<-c.gate
	}
	return depth + int(frame[kib%len(frame)])
}

// Returns the memory resident when all have arrived.
func gather(goroutines, stackKib int) int64 {
	c := &crowd{gate: make(chan struct{})}
	c.arrived.Add(goroutines)
	c.done.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			descend(stackKib, c)
			c.done.Done()
		}()
	}
	c.arrived.Wait()
	kb := statusKb("VmRSS")
	close(c.gate)
	c.done.Wait()
	return kb
}

func spike() {
	procs := flag.Int("procs", 0, "GOMAXPROCS; 0: as the environment says")
	goroutines := flag.Int("goroutines", 100000, "in all")
	batch := flag.Int("batch", 0, "alive at once; 0: all")
	stackKib := flag.Int("stack_kib", 100, "that each uses")
	flag.Parse()
	setProcs(*procs)
	if *batch <= 0 {
		*batch = *goroutines
	}

	gather(10, 1)
	fmt.Printf("before_kb=%d\n", statusKb("VmRSS"))
	peak := int64(0)
	for left := *goroutines; left > 0; left -= *batch {
		peak = max(peak, gather(min(left, *batch), *stackKib))
	}
	fmt.Printf("peak_kb=%d\nquiet\n", peak)
	waitForEndOfInput()
}
