// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// sanitizer.h: which sanitizer this build is for, as 0 or 1, under one name
// for gcc and clang: PARKOUR_ASAN, PARKOUR_TSAN. PARKOUR_NO_SANITIZE is for
// functions that read memory of others on purpose, PARKOUR_REAL_STACK for those
// whose locals LeakSanitizer has to find: AddressSanitizer moves locals to
// memory that it does not look into once their goroutine is parked.

#ifndef PARKOUR_BASE_SANITIZER_H_
#define PARKOUR_BASE_SANITIZER_H_

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PARKOUR_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define PARKOUR_TSAN 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#define PARKOUR_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define PARKOUR_TSAN 1
#endif

#ifndef PARKOUR_ASAN
#define PARKOUR_ASAN 0
#endif
#ifndef PARKOUR_TSAN
#define PARKOUR_TSAN 0
#endif

#if PARKOUR_ASAN || PARKOUR_TSAN
#define PARKOUR_NO_SANITIZE \
  __attribute__((no_sanitize_address, no_sanitize_thread))
#else
#define PARKOUR_NO_SANITIZE
#endif

#if PARKOUR_ASAN
#define PARKOUR_REAL_STACK __attribute__((no_sanitize_address))
#else
#define PARKOUR_REAL_STACK
#endif

#endif  // PARKOUR_BASE_SANITIZER_H_
