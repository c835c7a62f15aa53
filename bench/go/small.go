// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
)

const (
	batchOfSpawn = 1000
	slots        = 128
)

func yields(n int64) {
	var other sync.WaitGroup
	other.Add(1)
	go func() {
		defer other.Done()
		for i := int64(0); i < n/2; i++ {
			runtime.Gosched()
		}
	}()
	for i := int64(0); i < n/2; i++ {
		runtime.Gosched()
	}
	other.Wait()
}

func pingPong(n int64) {
	ping, pong := make(chan int64), make(chan int64)
	go func() {
		for v := range ping {
			pong <- v
		}
	}()
	for i := int64(0); i < n; i++ {
		ping <- i
		<-pong
	}
	close(ping)
}

func buffered(n, pairs int64) {
	items := make(chan int64, slots)
	var done sync.WaitGroup
	for p := int64(0); p < pairs; p++ {
		share := (n + p) / pairs
		done.Add(2)
		go func() {
			defer done.Done()
			for i := int64(0); i < share; i++ {
				items <- i
			}
		}()
		go func() {
			defer done.Done()
			for i := int64(0); i < share; i++ {
				<-items
			}
		}()
	}
	done.Wait()
}

func spawnBatches(n int64) {
	for left := n; left > 0; left -= batchOfSpawn {
		spawnAll(min(left, batchOfSpawn))
	}
}

func spawnAll(n int64) {
	var done sync.WaitGroup
	done.Add(int(n))
	for i := int64(0); i < n; i++ {
		go func() { done.Done() }()
	}
	done.Wait()
}

func tree(up chan<- int64, first, leaves int64) {
	if leaves == 1 {
		up <- first
		return
	}
	sums := make(chan int64)
	for i := int64(0); i < 10; i++ {
		go tree(sums, first+i*(leaves/10), leaves/10)
	}
	var sum int64
	for i := 0; i < 10; i++ {
		sum += <-sums
	}
	up <- sum
}

func skynet(n int64) {
	result := make(chan int64)
	go tree(result, 0, n)
	if sum := <-result; sum != n*(n-1)/2 {
		die(fmt.Errorf("skynet: %d", sum))
	}
}

// What a lock protects here: in memory, or the compiler does all n at once.
var locked int64

func lock(n int64) {
	var mu sync.Mutex
	for i := int64(0); i < n; i++ {
		mu.Lock()
		locked++
		mu.Unlock()
	}
}

func lockAmong(n, goroutines int64, inside func()) {
	var mu sync.Mutex
	var done sync.WaitGroup
	locked = 0
	for g := int64(0); g < goroutines; g++ {
		share := (n + g) / goroutines
		done.Add(1)
		go func() {
			defer done.Done()
			for i := int64(0); i < share; i++ {
				mu.Lock()
				locked++
				inside()
				mu.Unlock()
			}
		}()
	}
	done.Wait()
	if locked != n {
		die(fmt.Errorf("mutex: %d", locked))
	}
}

func selectOfTwo(n int64) {
	a, b := make(chan int64), make(chan int64)
	go func() {
		for i := int64(0); i < n; i++ {
			if i%2 == 0 {
				a <- i
			} else {
				b <- i
			}
		}
	}()
	var sum int64
	for i := int64(0); i < n; i++ {
		select {
		case v := <-a:
			sum += v
		case v := <-b:
			sum -= v
		}
	}
}

var small = map[string]func(n int64){
	"switch":     yields,
	"pingpong":   pingPong,
	"buffered":   func(n int64) { buffered(n, 1) },
	"buffered4":  func(n int64) { buffered(n, 4) },
	"spawn":      spawnBatches,
	"spawnall":   spawnAll,
	"skynet":     skynet,
	"mutex":      lock,
	"mutex1000":  func(n int64) { lockAmong(n, 1000, func() {}) },
	"mutexyield": func(n int64) { lockAmong(n, 10, runtime.Gosched) },
	"select":     selectOfTwo,
}

// testing.Benchmark is to Go what Google Benchmark is to C++.
func micro() {
	testing.Init()
	procs := flag.Int("procs", 0, "GOMAXPROCS; 0: as the environment says")
	workload := flag.String("workload", "", "see small.h")
	seconds := flag.Float64("seconds", 0.5, "it runs about so long")
	n := flag.Int64("n", 0, "instead: so many, all at once")
	flag.Parse()
	run := small[*workload]
	if run == nil {
		fmt.Fprintln(os.Stderr, "-workload: see small.h")
		os.Exit(2)
	}
	setProcs(*procs)
	long := fmt.Sprintf("%fs", *seconds)
	if *n > 0 {
		long = fmt.Sprintf("%dx", *n)
	}
	if err := flag.Set("test.benchtime", long); err != nil {
		die(err)
	}
	result := testing.Benchmark(func(b *testing.B) { run(int64(b.N)) })
	fmt.Printf("ns=%.3f n=%d\n",
		float64(result.T.Nanoseconds())/float64(result.N), result.N)
}
