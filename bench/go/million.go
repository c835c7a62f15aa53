// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"sync"
	"time"
)

func million() {
	procs := flag.Int("procs", 0, "GOMAXPROCS; 0: as the environment says")
	goroutines := flag.Int("goroutines", 1000000, "at once")
	flag.Parse()
	setProcs(*procs)

	n := float64(*goroutines)
	gate := make(chan struct{})
	var arrived, done sync.WaitGroup
	rss, pte := statusKb("VmRSS"), statusKb("VmPTE")
	arrived.Add(*goroutines)
	done.Add(*goroutines)
	creating := time.Now()
	for i := 0; i < *goroutines; i++ {
		go func() {
			arrived.Done()
			<-gate
			done.Done()
		}()
	}
	arrived.Wait()
	createNs := float64(time.Since(creating).Nanoseconds()) / n
	rssB := float64(statusKb("VmRSS")-rss) * 1024 / n
	pteB := float64(statusKb("VmPTE")-pte) * 1024 / n

	waking := time.Now()
	close(gate)
	done.Wait()
	wakeNs := float64(time.Since(waking).Nanoseconds()) / n
	fmt.Printf("create_ns=%.1f rss_b=%.1f pte_b=%.1f wake_ns=%.1f\n",
		createNs, rssB, pteB, wakeNs)
}
