// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"
)

// So many rounds of xorshift: the loop of burn.cc.
//
//go:noinline
func burn(rounds int64) uint64 {
	x := uint64(88172645463325252)
	for i := int64(0); i < rounds; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func cpuMilliseconds() float64 {
	const clockThreadCputimeID = 3
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCputimeID,
		uintptr(unsafe.Pointer(&t)), 0)
	return float64(t.Sec)*1e3 + float64(t.Nsec)/1e6
}

func calibrate() {
	const rounds = 5_000_000
	const samples = 15
	runtime.LockOSThread()
	best := 0.0
	for i := 0; i < samples; i++ {
		begin := cpuMilliseconds()
		burn(rounds)
		best = max(best, rounds/(cpuMilliseconds()-begin))
	}
	fmt.Printf("rounds_per_ms=%.0f\n", best)
}
