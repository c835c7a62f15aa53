// Copyright 2026 The Parkour Authors.
// SPDX-License-Identifier: Apache-2.0
//
// plugin_host PLUGIN: a program that knows nothing of Parkour loads an object
// that uses it, late, and "unloads" it while its threads live on.

#include <dlfcn.h>

#include <cstdio>
#include <thread>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  void* const plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const auto run =
      reinterpret_cast<int (*)(int)>(dlsym(plugin, "RunGoroutines"));
  if (run == nullptr || run(100) != 100) return 2;
  int ran = 0;
  std::thread([&] { ran = run(100); }).join();
  if (ran != 100) return 3;
  // It was linked with -z nodelete, and stays.
  dlclose(plugin);
  return run(100) == 100 ? 0 : 4;
}
