// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"
)

func sleepFor(i, k int64) time.Duration {
	x := uint64(i)<<20 + uint64(k)
	x = (x + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return time.Duration(1000000 + (x^(x>>31))%99000000)
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		die(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func timers() {
	procs := flag.Int("procs", 0, "GOMAXPROCS; 0: as the environment says")
	goroutines := flag.Int64("goroutines", 10000, "at once")
	times := flag.Int64("times", 10, "that each of them sleeps")
	flag.Parse()
	setProcs(*procs)

	late := make([]time.Duration, *goroutines**times)
	cpu, began := cpuTime(), time.Now()
	var done sync.WaitGroup
	done.Add(int(*goroutines))
	for i := int64(0); i < *goroutines; i++ {
		go func() {
			defer done.Done()
			for k := int64(0); k < *times; k++ {
				d := sleepFor(i, k)
				due := time.Now().Add(d)
				time.Sleep(d)
				late[i**times+k] = time.Since(due)
			}
		}()
	}
	done.Wait()
	wall := time.Since(began)
	cpu = cpuTime() - cpu
	slices.Sort(late)
	early, _ := slices.BinarySearch(late, 0)
	at := func(percent int) float64 {
		return float64(late[len(late)*percent/100].Nanoseconds()) / 1e3
	}
	fmt.Printf("wall_ms=%.1f cpu_ms=%.1f p50_us=%.1f p99_us=%.1f early=%d\n",
		float64(wall.Nanoseconds())/1e6, float64(cpu.Nanoseconds())/1e6,
		at(50), at(99), early)
}
